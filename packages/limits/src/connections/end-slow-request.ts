import { type ServerResponse, STATUS_CODES } from 'node:http'
import { respondOnSocket } from '@reliw/http'
import { resetSocket } from './reset-socket.ts'

const STATUS = 408
const TEXT = `${STATUS} ${STATUS_CODES[STATUS]}\n`

/**
 * Ends a request whose body arrives too slowly, and its connection. If the response has not begun, the client gets a
 * 408 (RFC 9110 15.5.9); a connection on which a response has begun is reset.
 *
 * The 408 bypasses the response object, which other code may still write to: such writes have no effect and do not
 * throw. `statusCode` is set for the logs. The socket is not read any more, so that nothing processes the rest of the
 * body.
 */
export function endSlowRequest(response: ServerResponse, requestId?: string): void {
  const { socket } = response.req
  if (socket.destroyed) return
  if (response.writableFinished) return void socket.destroy()
  if (response.headersSent) return resetSocket(socket)
  response.statusCode = STATUS
  socket.pause()
  respondOnSocket(socket, STATUS, requestId, response.req.method === 'HEAD' ? '' : TEXT)
}
