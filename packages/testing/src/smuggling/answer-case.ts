/** Bytes that an origin sends for one request, one character each, and what has to come of them. */
export interface AnswerCase {
  readonly bytes: string
  readonly outcome: AnswerOutcome
  /** Whether the origin closes the connection after them. */
  readonly isEnded: boolean
  /** Default: GET. */
  readonly method: string
  /** Header lines of the request. Default: that its connection is to be closed. */
  readonly lines: readonly string[]
}

export type AnswerOutcome =
  /** The client gets a 502 of our own. */
  | { readonly kind: 'no answer' }
  /** The same, or an answer that is visibly cut off, and up to there what the origin sent. */
  | { readonly kind: 'broken'; readonly body: string }
  /** The client gets exactly this. */
  | { readonly kind: 'answer'; readonly answer: ExpectedAnswer }

export interface ExpectedAnswer {
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
export type AnswerCases = Readonly<Record<string, AnswerCase>>

type Circumstances = Partial<Pick<AnswerCase, 'isEnded' | 'method' | 'lines'>>

export const HEAD = { method: 'HEAD' } as const
export const ENDED = { isEnded: true } as const

export function noAnswer(bytes: string, circumstances: Circumstances = {}): AnswerCase {
  return complete({ bytes, outcome: { kind: 'no answer' }, ...circumstances })
}

/** @param body what the client may get of it */
export function broken(bytes: string, body = '', circumstances: Circumstances = {}): AnswerCase {
  return complete({ bytes, outcome: { kind: 'broken', body }, ...circumstances })
}

export function answered(
  bytes: string,
  answer: Partial<ExpectedAnswer>,
  circumstances: Circumstances = {}
): AnswerCase {
  const whole = { status: 200, body: '', headers: {}, trailers: '', isReused: true, ...answer }
  return complete({ bytes, outcome: { kind: 'answer', answer: whole }, ...circumstances })
}

/** A head with these header lines, and what follows it. */
export function ok(lines: readonly string[], rest = ''): string {
  return `${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n${rest}`
}

export function chunkedOk(rest: string): string {
  return ok(['Transfer-Encoding: chunked'], rest)
}

function complete(one: Pick<AnswerCase, 'bytes' | 'outcome'> & Circumstances): AnswerCase {
  return { isEnded: false, method: 'GET', lines: ['Connection: close'], ...one }
}
