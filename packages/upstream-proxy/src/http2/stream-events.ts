import { subscribe } from 'node:diagnostics_channel'
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'
import { hasEnd } from '@reliw/http'
import { guarded } from '@reliw/options'

/** Receives the events of a stream. Raw lists are name, value, name, value, …, including pseudo-headers. */
export interface StreamListener {
  /** An interim response (1xx). */
  onInterimFields(status: number, raw: readonly string[]): void
  onResponseFields(status: number, raw: readonly string[]): void
  onTrailerFields(raw: readonly string[]): void
  onStreamData(chunk: Buffer): void
  /** No more data to read: the origin ended the response, or the stream was cut off. */
  onStreamEnd(): void
  /**
   * Both sides have finished with the stream; `onStreamEnd` comes before or shortly after.
   *
   * @param isWhole whether the origin had ended its response
   */
  onStreamClosing(isWhole: boolean): void
  onStreamError(error: Error): void
  /** The last event of the stream. */
  onStreamClosed(): void
}

const listener = Symbol('stream listener')
type ListenedStream = ClientHttp2Stream & {
  [listener]?: StreamListener
}

/** Passes a stream's events to its listener, without a closure per event. */
export function listenTo(stream: ListenedStream, to: StreamListener): void {
  stream[listener] = to
  stream.on('headers', onHeaders)
  stream.on('response', onResponse)
  stream.on('trailers', onTrailers)
  stream.on('end', onEnd)
  stream.on('error', onError)
  stream.on('close', onClose)
}

function onClosing(message: unknown): void {
  const { stream } = message as { stream: ListenedStream }
  stream[listener]?.onStreamClosing(hasEnd(stream))
}

subscribe(
  'http2.client.stream.close',
  guarded(onClosing, () => undefined)
)

function onHeaders(
  this: ListenedStream,
  headers: IncomingHttpHeaders,
  _flags: number,
  raw: readonly string[]
): void {
  this[listener]?.onInterimFields(statusOf(headers), raw)
}

function onResponse(
  this: ListenedStream,
  headers: IncomingHttpHeaders,
  _flags: number,
  raw: readonly string[]
): void {
  this[listener]?.onResponseFields(statusOf(headers), raw)
  // Not earlier: data that arrived together with the head would be emitted before it.
  this.on('data', onData)
}

function onTrailers(
  this: ListenedStream,
  _headers: IncomingHttpHeaders,
  _flags: number,
  raw: readonly string[]
): void {
  this[listener]?.onTrailerFields(raw)
}

function onData(this: ListenedStream, chunk: Buffer): void {
  this[listener]?.onStreamData(chunk)
}

function onEnd(this: ListenedStream): void {
  this[listener]?.onStreamEnd()
}

function onError(this: ListenedStream, error: Error): void {
  this[listener]?.onStreamError(error)
}

function onClose(this: ListenedStream): void {
  this[listener]?.onStreamClosed()
}

function statusOf(headers: IncomingHttpHeaders): number {
  return Number(headers[':status'] ?? 0)
}
