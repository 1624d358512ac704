import type { ServerResponse } from 'node:http'

interface Internals {
  getRawHeaderNames(): string[]
  _storeHeader: (this: ServerResponse, statusLine: string, fields: readonly string[]) => void
  _writeRaw(text: string, encoding: 'latin1'): boolean
}

/**
 * The names of the headers that were set on a response, as they were written. `getRawHeaderNames` is documented for client
 * requests alone. Not for HTTP/2, whose names are in lower case.
 */
export function headerNames(response: ServerResponse): string[] {
  return (response as ServerResponse & Internals).getRawHeaderNames()
}

/**
 * Writes a head that consists of these headers, in this order, and is sent as Latin-1 with the first part of the body.
 *
 * `_storeHeader`: beside headers that a response has, Node would order all by name, and make one Cookie of several. `_send`: Node
 * sends a head with an Expect at once, as it does for requests, and as UTF-8. Neither happens with HTTP/2.
 *
 * @param own of what was set on the response, which the head has first: name, value, …
 * @param headers the others; one character per byte
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
 * Sends the bytes of an interim response before the head of a response, or keeps them until its turn.
 *
 * `_writeRaw`: Node sends its own interim responses by it. Its public methods take a Link alone, and only one that they understand.
 * HTTP/2 has `additionalHeaders`.
 *
 * @param head one character per byte
 */
export function writeInterimHead(response: ServerResponse, head: string): void {
  // oxlint-disable-next-line no-underscore-dangle
  ;(response as ServerResponse & Internals)._writeRaw(head, 'latin1')
}
