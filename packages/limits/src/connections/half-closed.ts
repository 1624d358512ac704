import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { allowHalfOpen, currentResponse, readsRequests } from '@reliw/http'
import { guarded } from '@reliw/options'
import type { OnCutOff } from './on-cut-off.ts'

/** Milliseconds until a client is probed for the first time; the pause doubles after each probe, up to the longest. */
const FIRST_PAUSE = 250
const LONGEST_PAUSE = 16_000
const LONGEST_QUIET = 30_000
/**
 * The longest silence during a response after the client's FIN, in milliseconds. A client that has closed its
 * connection looks the same as one that half-closed it, and is far more common.
 */
const LONGEST_PAUSE_OF_RESPONSE = 3000

/**
 * Lets clients that have sent their requests and then FIN receive the responses (RFC 9112 9.6), and detects clients
 * that have left altogether: TCP cannot tell the two apart until something is sent. See {@link watchLeaving}.
 *
 * Call it before the server listens.
 */
export function serveHalfClosed(server: Server, onCut?: OnCutOff): void {
  allowHalfOpen(server)
  const onEnd = (socket: Socket): void => {
    if (readsRequests(socket) && currentResponse(socket) !== undefined)
      watchLeaving(socket, onCut, LONGEST_QUIET, LONGEST_PAUSE_OF_RESPONSE)
  }
  server.on('connection', (socket: Socket) => {
    const end = guarded(onEnd, () => socket.destroy())
    socket.on('end', () => end(socket))
  })
}

/**
 * Watches a connection whose close cannot be seen, because its client has sent FIN or because the socket is not being
 * read, and ends it once the client turns out to have left.
 *
 * A client waiting for a response is sent 100 (Continue) after 250 ms, 500 ms, 1 s and so on; every HTTP/1.1 client
 * ignores an unexpected one (RFC 9110 15.2), and the second one fails if the client has left. No probe can be sent once
 * a response has begun, nor to HTTP/1.0, which has no 100: there the connection is ended when nothing has been sent for
 * 30 seconds, or for 3 seconds if the response has begun and the client has sent FIN.
 *
 * @param onCut called for a connection that is ended for this reason
 * @param longestQuiet how long a client that cannot be probed may stay without anything being sent to it, in
 * milliseconds
 * @param longestPause the same once a response has begun, in milliseconds
 * @returns a function that stops watching
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
  const check = (): void => {
    timer = setTimeout(guardedCheck, checkOnce()).unref()
  }
  /** Returns the milliseconds until the next check. */
  const checkOnce = (): number => {
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
    if (!socket.destroyed) probe(response)
    return (pause = Math.min(2 * pause, LONGEST_PAUSE))
  }
  const guardedCheck = guarded(check, () => socket.destroy())
  let timer = setTimeout(guardedCheck, pause).unref()
  const stop = (): void => clearTimeout(timer)
  socket.once('close', stop)
  return () => {
    stop()
    socket.off('close', stop)
  }
}

function probe(response: ServerResponse): void {
  if (response.req.httpVersion === '1.1') response.writeContinue()
}
