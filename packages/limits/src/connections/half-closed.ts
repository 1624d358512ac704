import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { allowHalfOpen, currentResponse, readsRequests } from '@reliw/http'
import { guarded } from '@reliw/options'
import type { OnCutOff } from './on-cut-off.ts'

/** When a client is first asked whether it is there, in milliseconds; each time it waits twice as long. */
const FIRST_PAUSE = 250
const LONGEST_PAUSE = 16_000
const LONGEST_QUIET = 30_000
/** A client that has closed its connection in the middle of an answer looks like one that half-closed it, and is far more common. */
const LONGEST_PAUSE_OF_ANSWER = 3000

/**
 * Lets clients that have sent their requests and then FIN have the answers (RFC 9112 9.6), but finds out which of
 * them have left altogether: to TCP that is the same, until something is sent. See {@link watchLeaving}.
 *
 * To be called before the server listens.
 */
export function answerHalfClosed(server: Server, onCut?: OnCutOff): void {
  allowHalfOpen(server)
  const onEnd = (socket: Socket): void => {
    if (readsRequests(socket) && currentResponse(socket) !== undefined)
      watchLeaving(socket, onCut, LONGEST_QUIET, LONGEST_PAUSE_OF_ANSWER)
  }
  server.on('connection', (socket: Socket) => {
    const end = guarded(onEnd, () => socket.destroy())
    socket.on('end', () => end(socket))
  })
}

/**
 * Ends a connection whose end cannot be seen, since its client has sent FIN or it is not read, when its client turns
 * out to have left. A client that waits for an answer is sent 100 (Continue), which every client of HTTP/1.1 reads
 * past, asked for or not (RFC 9110 15.2), after 250 ms, 500 ms, 1 s and so on; the second one fails where nobody is
 * left. Nothing can be sent into an answer that has begun, nor before one of HTTP/1.0, which knows no 100: there the
 * connection ends when nothing has been sent for 30 seconds; in an answer that has begun, to a client that has sent FIN,
 * for 3 seconds.
 *
 * @param onCut told of a connection that is ended for that
 * @param longestQuiet how long a client that cannot be asked is left alone while nothing is sent to it, in milliseconds
 * @param longestPause the same, within an answer that has begun
 * @returns stops watching
 */
export function watchLeaving(
  socket: Socket,
  onCut?: OnCutOff,
  longestQuiet = LONGEST_QUIET,
  longestPause = longestQuiet
): () => void {
  let pause = FIRST_PAUSE
  let quiet = 0
  let written = socket.bytesWritten
  const look = (): void => {
    timer = setTimeout(guardedLook, lookOnce()).unref()
  }
  /** Returns when to look next. */
  const lookOnce = (): number => {
    const response = currentResponse(socket)
    const isQuiet = socket.bytesWritten === written && socket.writableLength === 0
    quiet = isQuiet && response !== undefined ? quiet + pause : 0
    const longest = response?.headersSent === true ? longestPause : longestQuiet
    if (response !== undefined && quiet >= longest) {
      onCut?.('departed', response)
      socket.destroy()
    }
    written = socket.bytesWritten
    if (response === undefined || response.headersSent) return (pause = FIRST_PAUSE)
    if (!socket.destroyed) ask(response)
    return (pause = Math.min(2 * pause, LONGEST_PAUSE))
  }
  const guardedLook = guarded(look, () => socket.destroy())
  let timer = setTimeout(guardedLook, pause).unref()
  const stop = (): void => clearTimeout(timer)
  socket.once('close', stop)
  return () => {
    stop()
    socket.off('close', stop)
  }
}

function ask(response: ServerResponse): void {
  if (response.req.httpVersion === '1.1') response.writeContinue()
}
