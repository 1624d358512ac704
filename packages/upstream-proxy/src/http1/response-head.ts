import { isNamed } from '@reliw/http'
import { parseFields } from './parse-fields.ts'

/** How the end of a body is found (RFC 9112 6.3). */
export type Framing = 'length' | 'chunked' | 'until close'

/** The status line and headers of a response. */
export interface ResponseHead {
  readonly status: number
  /** Name, value, name, value, … */
  readonly headers: readonly string[]
  /** The framing of the body, if the response has one. */
  readonly framing: Framing
  /** The body's length in bytes; 0 unless the framing is `length`. */
  readonly length: number
  /** Whether the connection may carry another exchange. */
  readonly keepsAlive: boolean
  /** How long the origin keeps an idle connection, in milliseconds, if it says so. */
  readonly keepAliveTimeout: number | undefined
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7E\x80-\xFF]*)?$/
const LENGTH = /^\d{1,15}$/

/**
 * Reads the head of a response strictly. security: a head that could be read in two ways is refused: several lengths, a
 * length beside chunked coding, and any other transfer coding (RFC 9112 6.1, 6.3).
 *
 * @param text everything before the empty line, one character per byte
 * @returns the head, or a string that says what is invalid
 */
export function parseResponseHead(text: string): ResponseHead | string {
  let end = text.indexOf('\r\n')
  if (end === -1) end = text.length
  const line = STATUS_LINE.exec(text.slice(0, end))
  if (line === null) return 'not a status line'
  const isHttp11 = line[1] === '1'
  const headers = parseFields(text, end + 2)
  if (typeof headers === 'string') return headers

  let lengthText: string | undefined
  let coding: string | undefined
  let connection = ''
  let keepAlive: string | undefined
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? ''
    const value = headers[at + 1] ?? ''
    switch (name.length) {
      case 10:
        if (isNamed(name, 'connection')) connection += `,${value}`
        else if (isNamed(name, 'keep-alive')) keepAlive = value
        break
      case 14:
        if (!isNamed(name, 'content-length')) break
        if (lengthText !== undefined) return 'several Content-Length headers'
        if (!LENGTH.test(value)) return 'not a Content-Length'
        lengthText = value
        break
      case 17:
        if (!isNamed(name, 'transfer-encoding')) break
        if (coding !== undefined) return 'several Transfer-Encoding headers'
        coding = value
    }
  }
  if (coding !== undefined) {
    if (lengthText !== undefined) return 'both Content-Length and Transfer-Encoding'
    if (!isHttp11) return 'Transfer-Encoding in HTTP/1.0'
    if (!isNamed(coding, 'chunked')) return 'an unknown transfer coding'
  }
  const length = Number(lengthText ?? 0)
  // A 204 has no body (RFC 9110 15.3.5), but an origin that announces one may well send it.
  const isDoubtful = line[2] === '204' && (coding !== undefined || length > 0)
  return {
    status: Number(line[2]),
    headers,
    framing: coding !== undefined ? 'chunked' : lengthText === undefined ? 'until close' : 'length',
    length,
    keepsAlive: !isDoubtful && (connection === '' ? isHttp11 : keepsAlive(connection, isHttp11)),
    keepAliveTimeout: keepAlive === undefined ? undefined : timeoutOf(keepAlive)
  }
}

function keepsAlive(connection: string, isHttp11: boolean): boolean {
  if (/(?:^|,)[ \t]*close[ \t]*(?:,|$)/i.test(connection)) return false
  return isHttp11 || /(?:^|,)[ \t]*keep-alive[ \t]*(?:,|$)/i.test(connection)
}

function timeoutOf(keepAlive: string): number | undefined {
  const seconds = /(?:^|[,;\s])timeout=(\d{1,6})/i.exec(keepAlive)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}
