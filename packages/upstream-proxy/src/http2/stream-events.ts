import { subscribe } from 'node:diagnostics_channel'
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'
import { hasEnd } from '@reliw/http'
import { guarded } from '@reliw/options'

/** What hears of a stream. Raw lists are name, value, name, value, …, pseudo-headers among them. */
export interface StreamListener {
  /** 1xx. */
  onInformationFields(status: number, raw: readonly string[]): void
  onResponseFields(status: number, raw: readonly string[]): void
  onTrailerFields(raw: readonly string[]): void
  onStreamData(chunk: Buffer): void
  /** There is no more to read: the origin ended the answer, or the stream was cut off. */
  onStreamEnd(): void
  /**
   * Both sides are done with the stream; `onStreamEnd` may have been told, or is about to be.
   *
   * @param isWhole whether the origin had ended its answer
   */
  onStreamClosing(isWhole: boolean): void
  onStreamError(error: Error): void
  /** Nothing comes any more. */
  onStreamClosed(): void
}

const listener = Symbol('stream listener')
type ListenedStream = ClientHttp2Stream & {
  [listener]?: StreamListener
}

/** Tells a stream's events to its listener, without a closure for each. */
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
  this[listener]?.onInformationFields(statusOf(headers), raw)
}

function onResponse(
  this: ListenedStream,
  headers: IncomingHttpHeaders,
  _flags: number,
  raw: readonly string[]
): void {
  this[listener]?.onResponseFields(statusOf(headers), raw)
  // Not before: data that came with the head would be told first.
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
