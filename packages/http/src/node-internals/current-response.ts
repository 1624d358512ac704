import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * The response whose turn it is on a connection; undefined when no request waits for one.
 *
 * `_httpMessage`: nothing that is documented tells a connection between two requests from a busy one. HTTP/2 has no turns:
 * always undefined.
 */
export function currentResponse(socket: Socket): ServerResponse | undefined {
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: ServerResponse | null }
  return current ?? undefined
}

/**
 * Calls back when the answers to all complete requests of a connection are out, with the request that is not complete, if
 * there is one. Not at all when the connection ends first.
 *
 * That Node's own listener for `finish` comes first, and gives the socket to the next response, is documented nowhere.
 */
export function afterAnswers(
  socket: Socket,
  callback: (incomplete?: ServerResponse) => void
): void {
  const current = currentResponse(socket)
  if (current?.req.complete) {
    current.once('finish', () => afterAnswers(socket, callback))
  } else if (socket.writable) {
    callback(current)
  }
}
