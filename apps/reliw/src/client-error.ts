import { randomUUID } from 'node:crypto'
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'

const STATUSES: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413
}

/** How long a client may take to read that and leave, in milliseconds. */
const LINGER = 2000

/** Answers what is not even HTTP, or does not come in time: there is no request to answer otherwise. */
export function answerClientError(
  error: Error & { code?: string },
  socket: Socket,
  log: FastifyBaseLogger
): void {
  // Node's own: the answer that is being sent, of which what is written here would become a part.
  const { _httpMessage: begun } = socket as Socket & { _httpMessage?: ServerResponse | null }
  if (error.code === 'ECONNRESET' || !socket.writable || begun?.headersSent) {
    return void socket.destroy()
  }
  const status = STATUSES[error.code ?? ''] ?? 400
  const id = randomUUID()
  const text = `${status} ${STATUS_CODES[status]}\n`
  const client = { client_ip: socket.remoteAddress, request_id: id, status, cause: error.code }
  log.info(client, 'request refused')
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'connection: close',
      'content-type: text/plain; charset=utf-8',
      `content-length: ${text.length}`,
      `x-request-id: ${id}`,
      '',
      text
    ].join('\r\n')
  )
  setTimeout(() => socket.destroy(), LINGER).unref()
}
