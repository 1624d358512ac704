/** Bytes that an origin sends for one request, one character each, and what has to come of them. */
export interface ResponseCase {
  readonly bytes: string
  readonly outcome: ResponseOutcome
  /** Whether the origin closes the connection after them. */
  readonly isEnded: boolean
  /** Default: GET. */
  readonly method: string
  /** Header lines of the request. Default: that its connection is to be closed. */
  readonly lines: readonly string[]
}

export type ResponseOutcome =
  /** The client gets a 502 of our own. */
  | { readonly kind: 'no response' }
  /** The same, or a response that is visibly cut off, and up to there what the origin sent. */
  | { readonly kind: 'broken'; readonly body: string }
  /** The client gets exactly this. */
  | { readonly kind: 'response'; readonly response: ExpectedResponse }

export interface ExpectedResponse {
  readonly status: number
  readonly body: string
  /** Headers it must have, all values joined by commas; undefined for those that it must not have. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The trailer section, with its line ends. */
  readonly trailers: string
  /** Whether the origin's connection may carry another request. */
  readonly isReused: boolean
}

/** Cases by what is special about them. */
export type ResponseCases = Readonly<Record<string, ResponseCase>>

type Circumstances = Partial<Pick<ResponseCase, 'isEnded' | 'method' | 'lines'>>

export const HEAD = { method: 'HEAD' } as const
export const ENDED = { isEnded: true } as const

export function noResponse(bytes: string, circumstances: Circumstances = {}): ResponseCase {
  return complete({ bytes, outcome: { kind: 'no response' }, ...circumstances })
}

/** @param body what the client may get of it */
export function broken(bytes: string, body = '', circumstances: Circumstances = {}): ResponseCase {
  return complete({ bytes, outcome: { kind: 'broken', body }, ...circumstances })
}

export function relayed(
  bytes: string,
  response: Partial<ExpectedResponse>,
  circumstances: Circumstances = {}
): ResponseCase {
  const whole = { status: 200, body: '', headers: {}, trailers: '', isReused: true, ...response }
  return complete({ bytes, outcome: { kind: 'response', response: whole }, ...circumstances })
}

/** A head with these header lines, and what follows it. */
export function ok(lines: readonly string[], rest = ''): string {
  return `${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n${rest}`
}

export function chunkedOk(rest: string): string {
  return ok(['Transfer-Encoding: chunked'], rest)
}

function complete(one: Pick<ResponseCase, 'bytes' | 'outcome'> & Circumstances): ResponseCase {
  return { isEnded: false, method: 'GET', lines: ['Connection: close'], ...one }
}
