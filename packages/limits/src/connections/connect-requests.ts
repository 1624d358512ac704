import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { currentResponse } from './current-response.ts'

/** How long a client may take to read its answer and leave, in milliseconds. */
const LINGER = 2000

/**
 * Has CONNECT (RFC 9110 9.3.6) answered as other requests are, in its turn, and its connection ended by that.
 * Without a listener node destroys the socket, with the answers to earlier requests of it.
 */
export function answerConnect(server: Server): void {
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    keepServing(server, socket)
    afterOthers(socket, () => {
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
  socket.on('end', () => socket.end())
  socket.on('timeout', () => {
    if (!server.emit('timeout', socket)) socket.destroy()
  })
  socket.on('drain', () => {
    const response = currentResponse(socket)
    if (response?.writableNeedDrain) response.emit('drain')
  })
  socket.resume()
}

/** Calls back when no response of a connection is on its way. Not at all when the connection ends first. */
function afterOthers(socket: Socket, callback: () => void): void {
  const current = currentResponse(socket)
  if (current === undefined) {
    if (socket.writable) callback()
  } else {
    // By then node has given the socket to the next one.
    current.once('finish', () => afterOthers(socket, callback))
  }
}
