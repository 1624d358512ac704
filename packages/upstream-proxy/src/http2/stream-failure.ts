import { constants } from 'node:http2'
import type { FailureKind } from '@reliw/http'

/** Codes (RFC 9113 7) for invalid input; most of them come from the checks on our side. */
const PROTOCOL_CODES = new Set<number>([
  constants.NGHTTP2_PROTOCOL_ERROR,
  constants.NGHTTP2_FLOW_CONTROL_ERROR,
  constants.NGHTTP2_FRAME_SIZE_ERROR,
  constants.NGHTTP2_COMPRESSION_ERROR,
  // Node resets a stream with this code when its header list is too large.
  constants.NGHTTP2_ENHANCE_YOUR_CALM
])
/** Node's error codes for a session that received anything but HTTP/2. */
const PROTOCOL_ERRORS = new Set(['ERR_HTTP2_ERROR', 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES'])

/**
 * The kind of failure of a stream.
 *
 * @param code the code that the stream was closed with
 * @param error the error from Node, if there was one
 */
export function failureKind(code: number, error?: NodeJS.ErrnoException): FailureKind {
  if (error === undefined || error.code === 'ERR_HTTP2_STREAM_ERROR') {
    return PROTOCOL_CODES.has(code) ? 'protocol' : 'reset'
  }
  return PROTOCOL_ERRORS.has(error.code ?? '') ? 'protocol' : 'reset'
}
