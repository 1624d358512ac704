import type { IncomingMessage } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'

/** The declared length of a request's body, in bytes. */
export type BodyLength = number | 'none' | 'unknown' | 'invalid'

/**
 * Reads the framing of a request's body (RFC 9112 6.3). Node has already refused protocol errors. security: whatever
 * Node accepts but an origin may read differently is invalid: any transfer coding except chunked alone, and any version
 * except 1.0, 1.1 and that of HTTP/2.
 */
export function bodyLength(raw: IncomingMessage): BodyLength {
  const { headers, httpVersion, stream } = raw as IncomingMessage & { stream?: ServerHttp2Stream }
  // Node also accepts HTTP/0.9 and HTTP/2.0 in a request line.
  if (stream === undefined && httpVersion !== '1.1' && httpVersion !== '1.0') return 'invalid'
  const coding = headers['transfer-encoding']
  const length = headers['content-length']
  if (coding === undefined) {
    if (length !== undefined) return length === '0' ? 'none' : Number(length)
    return stream === undefined || stream.endAfterHeaders ? 'none' : 'unknown'
  }
  const isPlain = coding.toLowerCase() === 'chunked' && length === undefined
  return isPlain && httpVersion === '1.1' ? 'unknown' : 'invalid'
}
