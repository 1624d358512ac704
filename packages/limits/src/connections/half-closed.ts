import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { currentResponse } from './current-response.ts'

/** How often a client that has sent its FIN is asked whether it is there, in milliseconds. */
const LOOK = 250
/** How many looks a client that cannot be asked is given. */
const MAX_LOOKS = 20
/** How many looks may see nothing of an answer that has begun. */
const MAX_QUIET = 4

/**
 * Lets clients that have sent their requests and then FIN have the answers (RFC 9112 9.6), but finds out which of
 * them have left altogether: to TCP that is the same, until something is sent. So a client that waits is sent 100
 * (Continue), which every client of HTTP/1.1 reads past (RFC 9110 15.2); the second one fails where nobody is left. An
 * answer that has begun goes on as long as it flows: event streams end a second after their last event. A client of
 * HTTP/1.0, which knows no 100, is given five seconds.
 *
 * To be called before the server listens.
 */
export function answerHalfClosed(server: Server): void {
  // Node's own.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.on('connection', (socket: Socket) => socket.on('end', onEnd))
}

function onEnd(this: Socket & { parser?: object | null }): void {
  // Without a parser the connection is another protocol's.
  if (this.parser != null && currentResponse(this) !== undefined) watchLeaving(this)
}

/** Ends the connection of a client that has sent FIN when it turns out to have left. */
export function watchLeaving(socket: Socket): void {
  let looks = 0
  let quiet = 0
  let written = socket.bytesWritten
  const timer = setInterval(() => {
    const response = currentResponse(socket)
    if (response === undefined) return
    looks++
    quiet = socket.bytesWritten === written && socket.writableLength === 0 ? quiet + 1 : 0
    if (response.headersSent ? quiet >= MAX_QUIET : !isAsked(response) && looks >= MAX_LOOKS) {
      socket.destroy()
    }
    written = socket.bytesWritten
  }, LOOK).unref()
  socket.once('close', () => clearInterval(timer))
}

function isAsked(response: ServerResponse): boolean {
  if (response.req.httpVersion !== '1.1') return false
  response.writeContinue()
  return true
}
