import type { ClientSessionOptions } from 'node:http2'

/**
 * Maximum size of a header or trailer section of a response, in bytes: its names and values, and 32 bytes for each
 * field (RFC 9113 6.5.2).
 */
export const MAX_HEADER_LIST = 64 * 1024

/** Maximum number of concurrent streams in one session, even if the origin allows more. */
export const MAX_STREAMS = 256

/**
 * The flow control window of the session, in bytes. Node credits arriving data back at once, even for a paused stream,
 * so the window does not limit memory. The default of 64 KiB would be all that a session can receive per round trip.
 */
export const SESSION_WINDOW = 16 * 1024 * 1024

/**
 * The flow control window of a stream, in bytes: the memory held for each stream with a slow client, and the most that
 * a stream can receive per round trip (25 MB/s at 10 ms).
 */
const STREAM_WINDOW = 256 * 1024

/** Options of HTTP/2 sessions with origins. */
export const SESSION_OPTIONS: ClientSessionOptions & { strictSingleValueFields: boolean } = {
  settings: {
    enablePush: false,
    initialWindowSize: STREAM_WINDOW,
    maxHeaderListSize: MAX_HEADER_LIST
  },
  // A push may arrive before the origin knows our settings. With 0, Node refuses it silently.
  maxReservedRemoteStreams: 0,
  // Duplicate headers, such as two Range headers of a client, are left for the origin to judge.
  strictSingleValueFields: false,
  maxHeaderListPairs: 1024,
  // Until the origin's settings arrive: further requests might be refused after their bodies have been read.
  peerMaxConcurrentStreams: 1,
  // In megabytes. It includes the queues of stalled uploads: 64 KiB and one chunk per stream.
  maxSessionMemory: 64
}
