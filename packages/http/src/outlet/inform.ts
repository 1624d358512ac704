import { STATUS_CODES } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { FastifyReply } from 'fastify'
import { writeInterimHead } from '../node-internals/index.ts'
import { isRepeated, joined } from './single-value.ts'

/**
 * security: interim responses are dropped while more than this waits for the client, in bytes: an origin can send many,
 * and a client read none.
 */
const MAX_WAITING = 64 * 1024

/** Fields that frame a body, which an interim response does not have, or that belong to a connection. */
const UNSENT = new Set(['content-length', 'http2-settings', 'trailer', 'transfer-encoding'])

/**
 * Sends an interim response (RFC 9110 15.2, RFC 8297) with all of its fields. HTTP/1.0 has no interim responses, and
 * none may follow the head of the response.
 *
 * @param headers end-to-end headers: name, value, …; one character per byte
 */
export function inform({ raw }: FastifyReply, status: number, headers: readonly string[]): void {
  if (raw.headersSent || raw.req.httpVersion === '1.0' || raw.writableLength > MAX_WAITING) return
  const fields = headers.filter((_, at) => !UNSENT.has((headers[at & ~1] ?? '').toLowerCase()))
  if ('stream' in raw) return informOverHttp2(raw.stream as ServerHttp2Stream, status, fields)
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`
  for (let at = 0; at < fields.length; at += 2) head += `${fields[at]}: ${fields[at + 1]}\r\n`
  writeInterimHead(raw, `${head}\r\n`)
}

function informOverHttp2(
  stream: ServerHttp2Stream,
  status: number,
  fields: readonly string[]
): void {
  if (stream.destroyed || stream.closed) return
  // security: no prototype, because a field's name may be `__proto__`.
  const byName: Record<string, string[]> = Object.create(null)
  for (let at = 0; at < fields.length; at += 2) {
    ;(byName[(fields[at] ?? '').toLowerCase()] ??= []).push(fields[at + 1] ?? '')
  }
  try {
    stream.additionalHeaders({ ':status': status, ...byName })
  } catch (error) {
    if (!isRepeated(error)) throw error
    const single = Object.entries(byName).map(([name, values]) => [name, joined(name, values)])
    stream.additionalHeaders({ ':status': status, ...Object.fromEntries(single) })
  }
}
