import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import {
  afterResponses,
  currentResponse,
  endSoon,
  lastResponseOn,
  serveResponses
} from '@reliw/http'
import { guarded } from '@reliw/options'
import { watchLeaving } from './half-closed.ts'
import type { OnCutOff } from './on-cut-off.ts'

/**
 * Handles CONNECT (RFC 9110 9.3.6) like other requests: it gets its response in turn, which ends the connection.
 * Without a listener, Node destroys the socket, together with the responses to earlier requests on it.
 *
 * @param onCut called for a connection that is ended because its client has left
 */
export function handleConnect(server: Server, onCut?: OnCutOff): void {
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const guard = (call: () => void): (() => void) => guarded(call, () => socket.destroy())
    const respond = guard(() => {
      const response = lastResponseOn(request, socket)
      response.once(
        'finish',
        guard(() => endSoon(socket))
      )
      server.emit('request', request, response)
    })
    guard(() => {
      keepServing(server, socket, guard, onCut)
      afterResponses(socket, respond)
    })()
  })
}

/**
 * Does what Node did for earlier responses on the connection until it handed the socket over. Further bytes from the
 * client are discarded.
 */
function keepServing(
  server: Server,
  socket: Socket,
  guard: (call: () => void) => () => void,
  onCut: OnCutOff | undefined
): void {
  const onEnd = (): void => {
    if (currentResponse(socket) === undefined) socket.end()
    else watchLeaving(socket, onCut)
  }
  const onTimeout = (): void => {
    if (!server.emit('timeout', socket)) socket.destroy()
  }
  serveResponses(socket)
  socket.on('end', guard(onEnd)).on('timeout', guard(onTimeout))
  socket.resume()
}
