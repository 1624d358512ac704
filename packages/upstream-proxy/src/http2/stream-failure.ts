import { constants } from 'node:http2'
import type { FailureKind } from '@reliw/http'

/** Codes (RFC 9113 7) that say that what came was not valid: most are of our own side's checks. */
const PROTOCOL_CODES = new Set<number>([
  constants.NGHTTP2_PROTOCOL_ERROR,
  constants.NGHTTP2_FLOW_CONTROL_ERROR,
  constants.NGHTTP2_FRAME_SIZE_ERROR,
  constants.NGHTTP2_COMPRESSION_ERROR,
  // What node resets a stream with whose header list is too large.
  constants.NGHTTP2_ENHANCE_YOUR_CALM
])
/** node's codes for a session whose bytes were not HTTP/2. */
const PROTOCOL_ERRORS = new Set(['ERR_HTTP2_ERROR', 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES'])

/**
 * What went wrong with a stream.
 *
 * @param code that the stream was closed with
 * @param error that node gave for it, if it did
 */
export function failureKind(code: number, error?: NodeJS.ErrnoException): FailureKind {
  if (error === undefined || error.code === 'ERR_HTTP2_STREAM_ERROR') {
    return PROTOCOL_CODES.has(code) ? 'protocol' : 'reset'
  }
  return PROTOCOL_ERRORS.has(error.code ?? '') ? 'protocol' : 'reset'
}
