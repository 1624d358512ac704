import { type ServerResponse, STATUS_CODES } from 'node:http'
import { endSoon } from '@reliw/http'
import { resetSocket } from './reset-socket.ts'

const STATUS = 408
const TEXT = `${STATUS} ${STATUS_CODES[STATUS]}\n`

/**
 * Ends a request whose body does not come in time, and its connection. If nothing of its answer was
 * sent, that is a 408 (RFC 9110 15.5.9); a connection that something else is being sent on is
 * broken.
 *
 * The answer goes past the response, which others may still write to: their writes come to nothing,
 * and do not throw. It carries the response's `x-request-id` if there is one; `statusCode` is set,
 * for logs. No more is read, so that no one works on the rest of what was given up.
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
