import type { ServerResponse } from 'node:http'

interface Internals {
  getRawHeaderNames(): string[]
  _storeHeader: (this: ServerResponse, statusLine: string, fields: readonly string[]) => void
  _writeRaw(text: string, encoding: 'latin1'): boolean
}

/**
 * The names of the headers set on a response, as spelled when set. `getRawHeaderNames` is documented for client
 * requests only. Not for HTTP/2, whose names are lower-case.
 */
export function headerNames(response: ServerResponse): string[] {
  return (response as ServerResponse & Internals).getRawHeaderNames()
}

/**
 * Writes a head with exactly these headers in this order; it is sent as Latin-1 with the first part of the body.
 *
 * `_storeHeader`: if headers were set on the response, Node would sort all headers by name and merge several Cookie
 * headers into one. `_send`: Node sends a head that contains Expect immediately, as for requests, and as UTF-8. Neither
 * happens with HTTP/2.
 *
 * @param own headers already set on the response, which come first: name, value, …
 * @param headers the other headers; one character per byte
 */
export function writeListedHead(
  raw: ServerResponse,
  status: number,
  own: readonly string[],
  headers: string[]
): void {
  const { _storeHeader: store } = raw as ServerResponse & Internals
  const all = [...own, ...headers]
  const storeListed = (statusLine: string): void => store.call(raw, statusLine, all)
  Object.assign(raw, { _send: () => true, _storeHeader: storeListed })
  try {
    raw.writeHead(status, headers)
  } finally {
    Reflect.deleteProperty(raw, '_send')
    Reflect.deleteProperty(raw, '_storeHeader')
  }
}

/**
 * Sends an interim response before the head of the final response, or queues it until the response's turn.
 *
 * `_writeRaw`: Node sends its own interim responses this way. Its public methods accept only Link headers, and only
 * those they understand. HTTP/2 has `additionalHeaders`.
 *
 * @param head one character per byte
 */
export function writeInterimHead(response: ServerResponse, head: string): void {
  // oxlint-disable-next-line no-underscore-dangle
  ;(response as ServerResponse & Internals)._writeRaw(head, 'latin1')
}
