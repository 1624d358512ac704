import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'

/**
 * Whether nobody is there any more to be answered. A response tells of its `close` once: not to a listener
 * that comes after something was awaited, and not at all while it waits behind others of its connection.
 */
export function hasLeft(raw: ServerResponse | Http2ServerResponse): boolean {
  if ('stream' in raw) return raw.stream.destroyed
  return raw.closed || raw.destroyed || raw.req.socket.destroyed
}
