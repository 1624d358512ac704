/** The error page: a status, a sentence and the request id, nothing internal. */
import { STATUS_CODES } from 'node:http'
import { defaultLayout } from './default-layout.ts'
import { escapeHtml } from './escape-html.ts'
import type { Layout } from './layout.ts'

/** The contents of an error page. */
export interface ErrorPage {
  status: number
  requestId: string
  /** The site's layout; default: the built-in layout. */
  layout?: Layout | undefined
  /**
   * The operator's HTML for this status, trusted. A whole document is sent as it is; other HTML replaces the sentence.
   * `${request_id}` is filled in.
   */
  custom?: string | undefined
  css_file?: string | undefined
  favicon_file?: string | undefined
}

/** The error page as HTML. A status without a standard reason phrase is called `Error`. */
export function renderErrorPage(page: ErrorPage): string {
  const requestId = escapeHtml(page.requestId)
  const custom = page.custom?.replaceAll('${request_id}', () => requestId)
  if (custom !== undefined && isWholeDocument(custom)) return custom
  const heading = `${page.status} ${STATUS_CODES[page.status] ?? 'Error'}`
  const explanation = custom ?? `<p>${escapeHtml(explain(page.status))}</p>`
  return (page.layout ?? defaultLayout).render({
    title: heading,
    class: 'error',
    request_id: page.requestId,
    css_file: page.css_file,
    favicon_file: page.favicon_file,
    content: `<h1>${escapeHtml(heading)}</h1>
${explanation}
<p class="request-id">Request id: <code>${requestId}</code></p>`
  })
}

const explanations = new Map([
  [400, 'The server could not understand this request.'],
  [401, 'Please sign in to see this page.'],
  [403, 'You are not allowed to see this page.'],
  [
    404,
    'There is no page at this address. It may have been moved, or the address may be mistyped.'
  ],
  [405, 'This address does not accept this kind of request.'],
  [408, 'The request took too long to arrive. Please try again.'],
  [413, 'The request is larger than this site accepts.'],
  [414, 'The address is longer than this site accepts.'],
  [416, 'The requested part of the file does not exist.'],
  [429, 'There were too many requests in a short time. Please wait a moment and try again.'],
  [431, 'The request headers are larger than this site accepts. Deleting its cookies may help.'],
  [500, 'Something went wrong on this site. Please try again later.'],
  [501, 'This site does not support this kind of request.'],
  [502, 'The service behind this site sent an invalid response. Please try again later.'],
  [503, 'This site is not available at the moment. Please try again in a little while.'],
  [504, 'The service behind this site took too long to respond. Please try again later.']
])

function explain(status: number): string {
  const generic =
    status < 500
      ? 'The server could not process this request.'
      : 'The site could not process this request. Please try again later.'
  return explanations.get(status) ?? generic
}

function isWholeDocument(html: string): boolean {
  return /^\s*<(?:!doctype|html)(?=[\s>])/i.test(html)
}
