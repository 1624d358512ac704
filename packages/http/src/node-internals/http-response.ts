import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { guarded } from '@reliw/options'
import { currentResponse } from './current-response.ts'

/**
 * A response on a connection that Node has left to a listener for `connect` or `upgrade`; the connection is to end with it.
 *
 * `assignSocket`, and making a response at all: Node makes none for these requests. HTTP/2 gives a stream instead.
 */
export function lastResponseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request)
  closeAfter(response)
  response.assignSocket(socket)
  return response
}

/**
 * Does for the responses of a connection what Node did before it left that to a listener for `connect` or `upgrade`: it passes
 * `drain` on to them, as nothing documented says it has to be, and takes the connection's errors.
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
 * Has the connection end with a response. `shouldKeepAlive`: a Connection header would be one that is set on the response, beside
 * which Node orders all others anew. Means nothing to HTTP/2.
 */
export function closeAfter(response: ServerResponse): void {
  response.shouldKeepAlive = false
}

/**
 * Whether a response is the last that its connection may have (`maxRequestsPerSocket`). Node tells the client so
 * and then waits for it to close; only a Connection header of our own makes Node close by itself.
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
 * Whether a response waits until those to earlier requests of its connection are out. That `socket` is null until then is
 * documented nowhere. Never with HTTP/2.
 */
export function awaitsTurn({ socket }: ServerResponse): boolean {
  return socket === null
}

/**
 * Calls back, once, when it is the turn of a response that waits; before Node flushes it.
 *
 * The event `socket` is documented for client requests alone, and nothing else tells.
 *
 * @returns stops waiting
 */
export function onTurn(response: ServerResponse, listener: () => void): () => void {
  response.once('socket', listener)
  return () => void response.off('socket', listener)
}

/**
 * Whether the body of a response is chunked, once its head is written. `chunkedEncoding`: Node decides it, and tells only here.
 * HTTP/2 has no transfer codings, and nothing there.
 */
export function isChunked({ chunkedEncoding }: ServerResponse): boolean {
  return chunkedEncoding
}
