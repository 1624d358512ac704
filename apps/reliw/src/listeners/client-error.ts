import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { afterResponses, readProxyHeader, respondOnSocket, sourceAddress } from '@reliw/http'
import { guarded } from '@reliw/options'
import type { FastifyBaseLogger } from 'fastify'

const STATUSES: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413
}

/** An error of `clientError`. A parser error also has the last bytes received and how many of them had been parsed. */
interface ParserError extends Error {
  code?: string
  rawPacket?: unknown
  bytesParsed?: number
}

/** A request line with a valid method (RFC 9110 9.1) that Node's parser may not know. */
const REQUEST_LINE = /^[\w!#$%&'*+.^`|~-]+ \S+ HTTP\/1\.[01]\r?$/

/** Length of the shorter beginning of a PROXY header, in bytes. */
const SIGNIFICANT = 6

/** Connections that have been refused; further errors on them are ignored. */
const refused = new WeakSet<Socket>()

/**
 * Responds to bytes that are not a valid HTTP request, and to heads that arrive too late. Complete requests that came
 * earlier on the connection get their responses first. Bytes after a request that ends its connection are ignored (RFC
 * 9112 9.6).
 */
export const answerClientError = guarded(answer, destroy)

function answer(error: ParserError, socket: Socket, log: FastifyBaseLogger): void {
  const isBehindLast = error.code === 'HPE_CLOSED_CONNECTION'
  if (error.code === 'ECONNRESET' || !(socket.writable || isBehindLast)) {
    return void socket.destroy()
  }
  // The bytes that follow an error raise errors, too.
  if (refused.has(socket)) return
  refused.add(socket)
  const refuseNow = (incomplete?: ServerResponse): void => {
    // The last response ends the connection, except when `Connection: close` came in a trailer.
    if (isBehindLast) return socket.destroySoon()
    // A response written here would become part of the response that has begun.
    if (incomplete?.headersSent) return void socket.destroy()
    refuse(error, socket, log)
  }
  afterResponses(
    socket,
    guarded<[incomplete?: ServerResponse]>(refuseNow, () => socket.destroy())
  )
}

function destroy(_thrown: unknown, _error: ParserError, socket: Socket): void {
  socket.destroy()
}

/**
 * Sends an error response without a body. When a request came in pieces, the parser's error has only the last one, so
 * it is unknown whether the method was HEAD; its client would take a body for the next response (RFC 9110 9.3.2).
 */
function refuse(error: ParserError, socket: Socket, log: FastifyBaseLogger): void {
  const status = statusOf(error)
  const id = randomUUID()
  const client = { client_ip: sourceAddress(socket), request_id: id, status, cause: error.code }
  log.info(
    isProxyHeader(error) ? { ...client, proxy_header: 'unexpected' } : client,
    'request refused'
  )
  respondOnSocket(socket, status, id)
}

/** Whether the bytes are a PROXY header: of a peer that is not trusted, or where none is read, or a second one. */
function isProxyHeader({ rawPacket }: ParserError): boolean {
  if (!Buffer.isBuffer(rawPacket)) return false
  return rawPacket.length >= SIGNIFICANT && readProxyHeader(rawPacket) !== 'absent'
}

function statusOf({ code = '', rawPacket, bytesParsed = 0 }: ParserError): number {
  if (code !== 'HPE_INVALID_METHOD' || !Buffer.isBuffer(rawPacket)) return STATUSES[code] ?? 400
  const start = rawPacket.lastIndexOf('\n', Math.max(0, bytesParsed - 1)) + 1
  const end = rawPacket.indexOf('\n', start)
  return end !== -1 && REQUEST_LINE.test(rawPacket.toString('latin1', start, end)) ? 501 : 400
}
