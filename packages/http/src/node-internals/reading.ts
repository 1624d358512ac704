import type { Readable } from 'node:stream'

/** A method that streams implement and that only they are meant to call. */
const READ = '_read'

/**
 * Calls a listener when a stream is first read, before its source is told. There is no event for it: `_read` is replaced until
 * then. The same with HTTP/2.
 *
 * @param listener must not throw
 */
export function onFirstRead(stream: Readable, listener: () => void): void {
  const read = stream[READ].bind(stream)
  stream[READ] = (size) => {
    stream[READ] = read
    listener()
    read(size)
  }
}

/**
 * Has all that comes of a stream go to `take` instead of its buffer, until {@link takeBack}; null is the end of it.
 *
 * `push` is replaced: sockets, requests and streams of HTTP/2 pass on by it what they receive.
 *
 * @param take whether to read on
 */
export function divert(stream: Readable, take: (chunk: Buffer | null) => boolean): void {
  stream.push = take
}

/** Ends {@link divert}. What was taken has to be pushed then: a stream that waits for it is not read on. */
export function takeBack(stream: Readable): void {
  Reflect.deleteProperty(stream, 'push')
}

/**
 * Whether the end of a stream has come, read or not.
 *
 * `_readableState`: of a stream of HTTP/2 nothing documented tells an END_STREAM from a RST_STREAM with NO_ERROR.
 */
export function hasEnd(stream: Readable): boolean {
  const { _readableState: state } = stream as Readable & { _readableState?: { ended?: boolean } }
  return state?.ended !== false
}
