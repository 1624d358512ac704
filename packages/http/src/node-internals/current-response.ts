import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * The response whose turn it is on a connection; undefined when no request is waiting for a response.
 *
 * `_httpMessage`: no documented API distinguishes a connection between two requests from a busy one. HTTP/2 has no
 * turns: always undefined.
 */
export function currentResponse(socket: Socket): ServerResponse | undefined {
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: ServerResponse | null }
  return current ?? undefined
}

/**
 * Calls back once the responses to all complete requests of a connection have been sent, with the response to the
 * incomplete request, if there is one. Does not call back if the connection ends first.
 *
 * It relies on undocumented order: Node's own `finish` listener runs first and assigns the socket to the next response.
 */
export function afterResponses(
  socket: Socket,
  callback: (incomplete?: ServerResponse) => void
): void {
  const current = currentResponse(socket)
  if (current?.req.complete) {
    current.once('finish', () => afterResponses(socket, callback))
  } else if (socket.writable) {
    callback(current)
  }
}
