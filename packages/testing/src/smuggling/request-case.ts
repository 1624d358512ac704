/** The host that all requests of the tables are for, unless the case is about hosts. */
export const HOST = 'shop.test'

/** Bytes that a client sends on one connection, one character each, and what has to come of them. */
export interface RequestCase {
  readonly bytes: string
  readonly outcome: Outcome
}

export type Outcome =
  /**
   * The origin gets nothing. The connection is closed; one that is `inStep`, since nothing was wrong with how
   * the request is framed, may belong to another request instead. Status 0: it is closed without a response. There are
   * several where it depends on who listens: the plugin alone, or the server.
   */
  | { readonly kind: 'refused'; readonly statuses: readonly number[]; readonly inStep: boolean }
  /** What is wrong comes after the head: the origin never gets a whole request, and the connection is closed. */
  | { readonly kind: 'cut' }
  /** The origin gets exactly these, and the client their responses in order; with `orFewer` the first ones. */
  | { readonly kind: 'forwarded'; readonly seen: readonly Seen[]; readonly orFewer: boolean }

/** A request as the origin has to get it. */
export interface Seen {
  readonly method: string
  readonly target: string
  readonly body: string
  /** Which header frames the body. */
  readonly framing: 'none' | 'length' | 'chunked'
  /** Headers it must have, all values joined by commas; undefined for those that it must not have. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly trailers: readonly (readonly [name: string, value: string])[]
}

/** Cases by what is special about them. */
export type RequestCases = Readonly<Record<string, RequestCase>>

export function refused(bytes: string, ...statuses: readonly number[]): RequestCase {
  return { bytes, outcome: { kind: 'refused', statuses: orBad(statuses), inStep: false } }
}

/** Refused, though well framed. */
export function unwanted(bytes: string, ...statuses: readonly number[]): RequestCase {
  return { bytes, outcome: { kind: 'refused', statuses: orBad(statuses), inStep: true } }
}

function orBad(statuses: readonly number[]): readonly number[] {
  return statuses.length === 0 ? [400] : statuses
}

export function cut(bytes: string): RequestCase {
  return { bytes, outcome: { kind: 'cut' } }
}

export function forwarded(bytes: string, ...seen: readonly Partial<Seen>[]): RequestCase {
  return { bytes, outcome: { kind: 'forwarded', seen: seen.map(complete), orFewer: false } }
}

export function atMost(bytes: string, ...seen: readonly Partial<Seen>[]): RequestCase {
  return { bytes, outcome: { kind: 'forwarded', seen: seen.map(complete), orFewer: true } }
}

/** A request line, the Host header, further lines, and what follows the head. */
export function request(line: string, lines: readonly string[] = [], rest = ''): string {
  return `${[line, `Host: ${HOST}`, ...lines].join('\r\n')}\r\n\r\n${rest}`
}

export function get(target: string, ...lines: readonly string[]): string {
  return request(`GET ${target} HTTP/1.1`, lines)
}

/** @param framing the header lines that frame the body */
export function post(framing: string, rest: string): string {
  return request('POST / HTTP/1.1', [framing], rest)
}

export function chunked(rest: string): string {
  return post('Transfer-Encoding: chunked', rest)
}

/** What `post` and `chunked` are seen as. */
export function posted(body: string, framing: 'length' | 'chunked'): Partial<Seen> {
  return { method: 'POST', body, framing }
}

function complete(seen: Partial<Seen>): Seen {
  return {
    method: 'GET',
    target: '/',
    body: '',
    framing: 'none',
    headers: {},
    trailers: [],
    ...seen
  }
}
