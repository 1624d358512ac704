import { findUrlIssue } from '@reliw/model'

/** Time for all requests and responses of one fetch, in milliseconds. */
const TIMEOUT = 30_000
/** Largest document, decoded, in bytes. */
const MAX_BYTES = 4 * 1024 * 1024
const MAX_REDIRECTS = 5
/** Longest validator of a response that is remembered, in characters. */
const MAX_VALIDATOR = 256

/** Validators of a fetched document (RFC 9110 8.8). */
export interface Validators {
  readonly etag?: string | undefined
  readonly last_modified?: string | undefined
}

export interface Document extends Validators {
  readonly text: string
}

/**
 * Fetches a document; undefined if it has not changed since it had the validators. Bounded in time, size and redirects,
 * and never over http once it was https.
 *
 * @throws Error with a message for the log
 */
export async function fetchList(
  url: string,
  known: Validators,
  signal: AbortSignal
): Promise<Document | undefined> {
  const both = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)])
  try {
    return await follow(url, known, both)
  } catch (error) {
    throw explain(error)
  }
}

async function follow(
  first: string,
  known: Validators,
  signal: AbortSignal
): Promise<Document | undefined> {
  let url = first
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await fetch(url, { headers: headersOf(known), redirect: 'manual', signal })
    const { status } = response
    if (status === 200) return documentOf(response)
    await response.body?.cancel()
    if (status === 304) return undefined
    if (![301, 302, 303, 307, 308].includes(status)) throw new Error(`the status is ${status}`)
    url = targetOf(response, url)
  }
  throw new Error(`there are more than ${MAX_REDIRECTS} redirects`)
}

function headersOf({ etag, last_modified: modified }: Validators): Record<string, string> {
  return {
    accept: 'text/plain, application/json;q=0.9, */*;q=0.1',
    'user-agent': 'reliw',
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(modified === undefined ? {} : { 'if-modified-since': modified })
  }
}

function targetOf({ headers }: Response, from: string): string {
  const target = URL.parse(headers.get('location') ?? '', from)
  if (target === null) throw new Error('a redirect has no valid Location')
  target.hash = ''
  const issue = findUrlIssue(target.href)
  if (issue !== undefined) throw new Error(`a redirect leads elsewhere: ${issue}`)
  if (from.startsWith('https:') && target.protocol !== 'https:')
    throw new Error('a redirect leads from https to http')
  return target.href
}

async function documentOf(response: Response): Promise<Document> {
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  // Leaving the loop cancels the body.
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_BYTES) throw new Error(`the document is larger than ${MAX_BYTES} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  text += decoder.decode()
  return {
    text,
    etag: validator(response.headers.get('etag')),
    last_modified: validator(response.headers.get('last-modified'))
  }
}

/** A validator that can be sent back. security: it is stored, and comes from another server. */
function validator(value: string | null): string | undefined {
  if (value === null || value.length > MAX_VALIDATOR) return undefined
  return /^[\x20-\x7E]+$/.test(value) ? value : undefined
}

/** `fetch` reports network failures as a TypeError with a cause, and timeouts as a TimeoutError. */
function explain(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('the request failed')
  if (error.name === 'TimeoutError') return new Error('there was no complete response in time')
  if (!(error instanceof TypeError)) return error
  const { code } = (error.cause ?? {}) as { code?: unknown }
  return new Error(typeof code === 'string' ? `the request failed: ${code}` : 'the request failed')
}
