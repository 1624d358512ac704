import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { guarded } from '@reliw/options'
import { currentResponse } from './current-response.ts'

/**
 * Creates a response on a connection that Node has handed to a `connect` or `upgrade` listener; the connection ends
 * with the response.
 *
 * `assignSocket` and the constructor: Node creates no response for these requests. HTTP/2 provides a stream instead.
 */
export function lastResponseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request)
  closeAfter(response)
  response.assignSocket(socket)
  return response
}

/**
 * Serves the responses on a connection as Node did until it handed the socket to a `connect` or `upgrade` listener:
 * passes on `drain`, which Node documents nowhere as the listener's task, and handles the connection's errors.
 */
export function serveResponses(socket: Socket): void {
  const onDrain = (): void => {
    const response = currentResponse(socket)
    if (response?.writableNeedDrain) response.emit('drain')
  }
  socket.on('error', () => socket.destroy())
  socket.on(
    'drain',
    guarded(onDrain, () => socket.destroy())
  )
}

/**
 * Makes the connection end with a response.
 *
 * `shouldKeepAlive`: a Connection header would be set on the response itself, and Node would then reorder all other
 * headers. No effect with HTTP/2.
 */
export function closeAfter(response: ServerResponse): void {
  response.shouldKeepAlive = false
}

/**
 * Whether a response is the last one allowed on its connection (`maxRequestsPerSocket`). Node announces this to the
 * client and then waits for the client to close; Node closes on its own only if the response has an explicit Connection
 * header.
 *
 * `maxRequestsOnConnectionReached`. HTTP/2 has no such limit: false.
 */
export function isLast(response: ServerResponse): boolean {
  const { maxRequestsOnConnectionReached: reached } = response as ServerResponse & {
    maxRequestsOnConnectionReached?: boolean
  }
  return reached === true
}

/**
 * Whether a response waits for the responses to earlier requests of its connection. That `socket` is null until then is
 * undocumented. Always false with HTTP/2.
 */
export function awaitsTurn({ socket }: ServerResponse): boolean {
  return socket === null
}

/**
 * Calls back once when the turn of a waiting response comes, before Node flushes the response.
 *
 * The `socket` event is documented for client requests only; there is no other signal.
 *
 * @returns a function that stops waiting
 */
export function onTurn(response: ServerResponse, listener: () => void): () => void {
  response.once('socket', listener)
  return () => void response.off('socket', listener)
}

/**
 * Whether the body of a response is chunked, once its head is written.
 *
 * `chunkedEncoding`: Node decides, and exposes the decision only here. HTTP/2 has no transfer codings: undefined.
 */
export function isChunked({ chunkedEncoding }: ServerResponse): boolean {
  return chunkedEncoding
}
