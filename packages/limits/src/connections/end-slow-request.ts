import { type ServerResponse, STATUS_CODES } from 'node:http'
import { endSoon } from '@reliw/http'
import { resetSocket } from './reset-socket.ts'

const STATUS = 408
const TEXT = `${STATUS} ${STATUS_CODES[STATUS]}\n`

/**
 * Ends a request whose body arrives too slowly, and its connection. If the response has not begun, the client gets a
 * 408 (RFC 9110 15.5.9); a connection on which a response has begun is reset.
 *
 * The 408 bypasses the response object, which other code may still write to: such writes have no effect and do not
 * throw. It carries the response's `x-request-id` if there is one; `statusCode` is set for the logs. The socket is not
 * read any more, so that nothing processes the rest of the body.
 */
export function endSlowRequest(response: ServerResponse): void {
  const { socket } = response.req
  if (socket.destroyed) return
  if (response.writableFinished) return void socket.destroy()
  if (response.headersSent) return resetSocket(socket)
  response.statusCode = STATUS
  socket.pause()
  endSoon(socket, answer(response))
}

function answer(response: ServerResponse): string {
  const id = response.getHeader('x-request-id')
  return [
    `HTTP/1.1 ${STATUS} ${STATUS_CODES[STATUS]}`,
    'connection: close',
    'content-type: text/plain; charset=utf-8',
    `content-length: ${TEXT.length}`,
    ...(id === undefined ? [] : [`x-request-id: ${String(id)}`]),
    '',
    response.req.method === 'HEAD' ? '' : TEXT
  ].join('\r\n')
}
