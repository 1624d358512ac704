import type { ClientSessionOptions } from 'node:http2'

/**
 * What one header or trailer section of an answer may take: its names and values, and 32 bytes for
 * each field (RFC 9113 6.5.2).
 */
export const MAX_HEADER_LIST = 64 * 1024

/** Streams at a time in one session, however many more the origin allows. */
export const MAX_STREAMS = 256

/**
 * The window of all streams together, in bytes. What arrives is taken off it at once, be its stream
 * paused or not: it bounds no memory. Its default of 64 KiB would be all that a session can
 * receive in one round trip.
 */
export const SESSION_WINDOW = 16 * 1024 * 1024

/**
 * The window of a stream, in bytes: so much is held for each one whose client is slow, and so much
 * a stream can receive in one round trip (25 MB/s where that takes 10 ms).
 */
const STREAM_WINDOW = 256 * 1024

/** How HTTP/2 is spoken to origins. */
export const SESSION_OPTIONS: ClientSessionOptions & { strictSingleValueFields: boolean } = {
  settings: {
    enablePush: false,
    initialWindowSize: STREAM_WINDOW,
    maxHeaderListSize: MAX_HEADER_LIST
  },
  // A push may come before our settings are known: node refuses it then, and tells nobody.
  maxReservedRemoteStreams: 0,
  // A client that sends two Range headers is for the origin to judge.
  strictSingleValueFields: false,
  maxHeaderListPairs: 1024,
  // Until the origin's settings are here. More might be refused, after their bodies have been read.
  peerMaxConcurrentStreams: 1,
  // Megabytes. What stalled uploads have queued counts: 64 KiB and a chunk for each stream.
  maxSessionMemory: 64
}
