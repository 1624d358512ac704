import type { Readable } from 'node:stream'

/** The internal method of a stream that requests data from its source. */
const READ = '_read'

/**
 * Calls a listener when a stream is first read, before it requests data from its source. There is no event for this, so
 * `_read` is replaced until then. Also works with HTTP/2.
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
 * Passes all data of a stream to `take` instead of its buffer, until {@link takeBack}; null marks the end.
 *
 * `push` is replaced: sockets, requests and HTTP/2 streams deliver received data through it.
 *
 * @param take returns whether to keep reading
 */
export function divert(stream: Readable, take: (chunk: Buffer | null) => boolean): void {
  stream.push = take
}

/** Ends {@link divert}. The diverted data must then be pushed: a stream waiting for it is not read any further. */
export function takeBack(stream: Readable): void {
  Reflect.deleteProperty(stream, 'push')
}

/**
 * Whether the end of a stream has arrived, read or not.
 *
 * `_readableState`: for an HTTP/2 stream, no documented API distinguishes END_STREAM from RST_STREAM with NO_ERROR.
 */
export function hasEnd(stream: Readable): boolean {
  const { _readableState: state } = stream as Readable & { _readableState?: { ended?: boolean } }
  return state?.ended !== false
}
