import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { afterAnswers, currentResponse, endSoon, lastResponseOn, serveResponses } from '@reliw/http'
import { guarded } from '@reliw/options'
import { watchLeaving } from './half-closed.ts'
import type { OnCutOff } from './on-cut-off.ts'

/**
 * Has CONNECT (RFC 9110 9.3.6) answered as other requests are, in its turn, and its connection ended by that.
 * Without a listener node destroys the socket, with the answers to earlier requests of it.
 *
 * @param onCut told of connections that are ended because their clients have left
 */
export function answerConnect(server: Server, onCut?: OnCutOff): void {
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const guard = (call: () => void): (() => void) => guarded(call, () => socket.destroy())
    const answer = guard(() => {
      const response = lastResponseOn(request, socket)
      response.once(
        'finish',
        guard(() => endSoon(socket))
      )
      server.emit('request', request, response)
    })
    guard(() => {
      keepServing(server, socket, guard, onCut)
      afterAnswers(socket, answer)
    })()
  })
}

/** Does what node did for earlier responses of a connection before it left that to us. What comes is read past. */
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
