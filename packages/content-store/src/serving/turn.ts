import { awaitsTurn, hasLeft, onTurn } from '@reliw/http'
import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'

/** Whether the response has ended or its client has left, also when `close` was emitted before there was a listener. */
export function isClosed(response: ServerResponse | Http2ServerResponse): boolean {
  return response.writableEnded || hasLeft(response)
}

/**
 * Settles when a response has its turn on the connection: the responses to earlier pipelined requests have been sent
 * (HTTP/1.1). Undefined when it has its turn already.
 *
 * security: the promise never settles when the client leaves first, because Node does not report that to a waiting
 * response. The caller must hold nothing that has to be returned.
 */
export function turnOf(response: ServerResponse): Promise<void> | undefined {
  if (!awaitsTurn(response) || isClosed(response)) return undefined
  return new Promise((resolve) => void onTurn(response, () => resolve()))
}
