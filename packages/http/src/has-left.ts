import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'

/**
 * Whether the client can no longer receive the response. The `close` event is no substitute: it is emitted once, so a
 * listener added after an `await` may miss it, and never while the response waits for earlier ones on its connection.
 */
export function hasLeft(raw: ServerResponse | Http2ServerResponse): boolean {
  if ('stream' in raw) return raw.stream.destroyed
  return raw.closed || raw.destroyed || raw.req.socket.destroyed
}
