import { constants, type ServerHttp2Stream } from 'node:http2'
import type { FastifyReply } from 'fastify'

/** Breaks off a response that cannot be completed, so that the client notices that a part is missing. */
export function breakOff({ raw }: FastifyReply): void {
  const { socket } = raw
  // If merely closed, an HTTP/2 stream or an HTTP/1.0 body would look complete (RFC 9112 8).
  if ('stream' in raw) {
    ;(raw.stream as ServerHttp2Stream).close(constants.NGHTTP2_INTERNAL_ERROR)
  } else if (raw.req.httpVersion === '1.0' && socket?.remoteFamily && !('encrypted' in socket)) {
    socket.resetAndDestroy()
  } else {
    raw.destroy()
  }
}
