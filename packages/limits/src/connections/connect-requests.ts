import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { afterAnswers, currentResponse } from './current-response.ts'
import { watchLeaving } from './half-closed.ts'

/** How long a client may take to read its answer and leave, in milliseconds. */
const LINGER = 2000

/**
 * Has CONNECT (RFC 9110 9.3.6) answered as other requests are, in its turn, and its connection ended by that.
 * Without a listener node destroys the socket, with the answers to earlier requests of it.
 */
export function answerConnect(server: Server): void {
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    keepServing(server, socket)
    afterAnswers(socket, () => {
      const response = new ServerResponse(request)
      response.shouldKeepAlive = false
      response.assignSocket(socket)
      response.once('finish', () => {
        socket.end()
        setTimeout(() => socket.destroy(), LINGER).unref()
      })
      server.emit('request', request, response)
    })
  })
}

/** Does what node did for earlier responses of a connection before it left that to us. What comes is read past. */
function keepServing(server: Server, socket: Socket): void {
  socket.on('error', () => socket.destroy())
  socket.on('end', () => {
    if (currentResponse(socket) === undefined) socket.end()
    else watchLeaving(socket)
  })
  socket.on('timeout', () => {
    if (!server.emit('timeout', socket)) socket.destroy()
  })
  socket.on('drain', () => {
    const response = currentResponse(socket)
    if (response?.writableNeedDrain) response.emit('drain')
  })
  socket.resume()
}
