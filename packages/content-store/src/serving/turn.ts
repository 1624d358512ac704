import { awaitsTurn, hasLeft, onTurn } from '@reliw/http'
import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'

/** Whether nobody can be told anything any more, also where `close` was told before anybody listened. */
export function isClosed(response: ServerResponse | Http2ServerResponse): boolean {
  return response.writableEnded || hasLeft(response)
}

/**
 * Settles when a response has its connection: the responses to what a client asked before, on the same one,
 * are out (HTTP/1.1 pipelining). Undefined when it has.
 *
 * security: it never settles when the client leaves before, as Node tells such a response nothing. So whoever
 * waits may hold nothing that has to be given back.
 */
export function turnOf(response: ServerResponse): Promise<void> | undefined {
  if (!awaitsTurn(response) || isClosed(response)) return undefined
  return new Promise((resolve) => void onTurn(response, () => resolve()))
}
