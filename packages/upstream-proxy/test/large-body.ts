import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

const PIECE = 64 * 1024
const PIECES = 1600
/** Of a large body, in bytes: more than sockets keep for a reader that does not read. */
export const LENGTH = PIECE * PIECES

/** A large body on its way into a stream. */
export class Pouring {
  /** Bytes that the stream has taken. */
  sent = 0
  /** Resolves, once all of it is sent, to the body's hash. */
  readonly hash: Promise<string>

  constructor(stream: Writable) {
    this.hash = this.#pour(stream)
  }

  /** No two parts of it are alike. */
  async #pour(stream: Writable): Promise<string> {
    const hash = createHash('sha1')
    for (let at = 0; at < PIECES; at += 1) {
      const piece = Buffer.alloc(PIECE, `${at} `)
      hash.update(piece)
      this.sent += PIECE
      if (!stream.write(piece)) await once(stream, 'drain')
    }
    stream.end()
    return hash.digest('hex')
  }
}

/** Reads a stream to its end; resolves to the hash of what came. */
export async function drink(stream: Readable): Promise<string> {
  const hash = createHash('sha1')
  for await (const chunk of stream) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Resolves to a number when it no longer grows. Too soon at worst: it is only a lower one then. */
export async function stopped(count: () => number): Promise<number> {
  let last = 0
  for (let same = 0; same < 10; last = count()) {
    await delay(20)
    same = count() === last && last > 0 ? same + 1 : 0
  }
  return last
}
