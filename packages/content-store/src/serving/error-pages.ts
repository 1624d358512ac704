import type { Entry } from '@reliw/model'
import type { FastifyBaseLogger, FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { renderErrorPage } from '../rendering/error-page.ts'
import type { Layout } from '../rendering/layout.ts'
import { errorCodeOf } from './error-code.ts'
import type { Pages } from './pages.ts'
import { reportError } from './report-error.ts'
import type { Write } from './write.ts'

/** Seconds after which a client may ask again when the store is away. */
const RETRY_AFTER = '5'

const HEADERS = [
  'content-type',
  'text/html; charset=utf-8',
  'cache-control',
  'no-store',
  'x-content-type-options',
  'nosniff'
] as const

/** Answers with error pages in the site's layout; without it, when it cannot be had, in the default one. */
export class ErrorPages {
  readonly #pages: Pages
  readonly #write: Write
  readonly #log: FastifyBaseLogger

  constructor(pages: Pages, write: Write, log: FastifyBaseLogger) {
    this.#pages = pages
    this.#write = write
    this.#log = log
  }

  /** Answers with the page of an error; without a page, when it cannot be written, the connection ends. */
  fail(fault: FastifyError, reply: FastifyReply): void {
    const { request } = reply
    this.send(fault, request, reply).catch((error: unknown) => {
      this.#log.error({ request_id: request.id, err: error }, 'error page failed')
      reply.raw.destroy()
    })
  }

  /** Answers with the page of an error, and reports it. Rejects when the page cannot be written. */
  async send(error: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const status = statusOf(error)
    reportError(error, status, request.id, this.#log)
    reply.errorCode = errorCodeOf(error)
    if (reply.raw.headersSent) return void reply.raw.destroy()
    if (status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', RETRY_AFTER)
    const page = await this.#render(status, request.facts.host ?? '', request.id, request.entry)
    const body = Buffer.from(page)
    this.#write(reply, status, [...HEADERS, 'content-length', String(body.length)], body)
  }

  async #render(status: number, host: string, requestId: string, entry?: Entry): Promise<string> {
    return renderErrorPage({
      status,
      requestId,
      layout: await this.#layout(host),
      custom: entry?.error[String(status)],
      css_file: entry?.css_file,
      favicon_file: entry?.favicon_file
    })
  }

  async #layout(host: string): Promise<Layout | undefined> {
    if (host === '') return undefined
    try {
      return await this.#pages.layout(host)
    } catch {
      return undefined
    }
  }
}

/** The status a client is shown: what an error asks for when it is one, else 500. */
function statusOf({ statusCode = 500 }: FastifyError): number {
  return statusCode >= 400 && statusCode <= 599 ? statusCode : 500
}
