import { type ClientHttp2Stream, constants } from 'node:http2'

const isReset = Symbol('is reset')
type ResetStream = ClientHttp2Stream & { [isReset]?: true }

/**
 * Closes a stream with RST_STREAM (RFC 9113 6.4) and releases what it holds, at the end of this turn of the event loop.
 *
 * security: not at once, because this may run while Node reads frames. Since 26.10, Node then keeps a destroyed stream
 * for the rest of the turn, and ends the process when it asks that stream for its trailers.
 *
 * @param code no effect on a stream that is closed already
 */
export function resetSoon(stream: ResetStream, code = constants.NGHTTP2_CANCEL): void {
  stream[isReset] = true
  setImmediate(reset, stream, code)
}

/** Whether a stream still sends data. */
export function isSending(stream: ResetStream): boolean {
  return stream.writable && stream[isReset] === undefined
}

function reset(stream: ClientHttp2Stream, code: number): void {
  stream.close(code)
  stream.destroy()
}
