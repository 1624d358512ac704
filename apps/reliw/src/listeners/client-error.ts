import { randomUUID } from 'node:crypto'
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { afterAnswers, endSoon, peerAddress } from '@reliw/http'
import { guarded } from '@reliw/options'
import type { FastifyBaseLogger } from 'fastify'

const STATUSES: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413
}

/** As node gives it; where its parser gave up, with the bytes that came and how many of them it had taken. */
interface ParserError extends Error {
  code?: string
  rawPacket?: unknown
  bytesParsed?: number
}

/** A request line whose method is a token (RFC 9110 9.1), though not one that the parser knows. */
const REQUEST_LINE = /^[\w!#$%&'*+.^`|~-]+ \S+ HTTP\/1\.[01]\r?$/

/** Connections on which nothing counts any more. */
const refused = new WeakSet<Socket>()

/**
 * Answers bytes that are no valid HTTP request, and heads that come too late. Complete requests that
 * came before them on the connection are answered first; what comes behind a request that ends its connection is read past
 * (RFC 9112 9.6).
 */
export const answerClientError = guarded(answer, destroy)

function answer(error: ParserError, socket: Socket, log: FastifyBaseLogger): void {
  const isBehindLast = error.code === 'HPE_CLOSED_CONNECTION'
  if (error.code === 'ECONNRESET' || !(socket.writable || isBehindLast)) {
    return void socket.destroy()
  }
  // Bytes that follow are as wrong.
  if (refused.has(socket)) return
  refused.add(socket)
  const refuseNow = (incomplete?: ServerResponse): void => {
    // The last answer ends the connection, unless it is a trailer that says so.
    if (isBehindLast) return socket.destroySoon()
    // What is written here would become a part of the answer that has begun.
    if (incomplete?.headersSent) return void socket.destroy()
    refuse(error, socket, log)
  }
  afterAnswers(
    socket,
    guarded<[incomplete?: ServerResponse]>(refuseNow, () => socket.destroy())
  )
}

function destroy(_thrown: unknown, _error: ParserError, socket: Socket): void {
  socket.destroy()
}

/**
 * Without a body: of a request that came in pieces, the parser's error has the last one, and nobody knows whether it was a
 * HEAD, whose client would take the body for the next answer (RFC 9110 9.3.2).
 */
function refuse(error: ParserError, socket: Socket, log: FastifyBaseLogger): void {
  const status = statusOf(error)
  const id = randomUUID()
  const client = { client_ip: peerAddress(socket), request_id: id, status, cause: error.code }
  log.info(client, 'request refused')
  endSoon(
    socket,
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'connection: close',
      'content-length: 0',
      `x-request-id: ${id}`,
      '\r\n'
    ].join('\r\n')
  )
}

function statusOf({ code = '', rawPacket, bytesParsed = 0 }: ParserError): number {
  if (code !== 'HPE_INVALID_METHOD' || !Buffer.isBuffer(rawPacket)) return STATUSES[code] ?? 400
  const start = rawPacket.lastIndexOf('\n', Math.max(0, bytesParsed - 1)) + 1
  const end = rawPacket.indexOf('\n', start)
  return end !== -1 && REQUEST_LINE.test(rawPacket.toString('latin1', start, end)) ? 501 : 400
}
