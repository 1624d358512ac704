import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { endSoon } from '../node-internals/index.ts'

/**
 * Sends an HTTP/1.1 response on the connection itself, and ends the connection: where there is no response object, or
 * where other code may still write to it.
 *
 * @param text body, ASCII; the response to HEAD must have none
 */
export function respondOnSocket(
  socket: Socket,
  status: number,
  requestId: string | undefined,
  text = ''
): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    ...(text === '' ? [] : ['content-type: text/plain; charset=utf-8']),
    `content-length: ${text.length}`,
    ...(requestId === undefined ? [] : [`x-request-id: ${requestId}`])
  ]
  endSoon(socket, `${head.join('\r\n')}\r\n\r\n${text}`)
}
