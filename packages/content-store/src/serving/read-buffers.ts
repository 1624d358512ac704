import { Busy } from '../errors.ts'

/** Bytes that are read at once for most answers. */
const LARGE = 256 * 1024
/** Bytes that are read at once when many are under way: a slow client keeps what was read for it. */
const SMALL = 16 * 1024
/** 16 MiB of large ones and 48 MiB of small ones at most, whatever clients do. */
const MAX_LARGE = 64
const MAX_SMALL = 3072
/** Large ones that are kept for the next answers. */
const MAX_SPARE = 16

const lent = { large: 0, small: 0 }
const spare: Buffer[] = []

/**
 * Lends a buffer to read a file with. It has to be given back.
 *
 * @throws Busy when all are lent
 */
export function takeBuffer(): Buffer {
  if (lent.large < MAX_LARGE) {
    lent.large++
    return spare.pop() ?? Buffer.allocUnsafeSlow(LARGE)
  }
  if (lent.small >= MAX_SMALL) throw new Busy()
  lent.small++
  return Buffer.allocUnsafeSlow(SMALL)
}

/** @param isFree whether nobody reads from it or writes into it any more */
export function giveBackBuffer(buffer: Buffer, isFree: boolean): void {
  if (buffer.length === SMALL) return void lent.small--
  lent.large--
  if (isFree && spare.length < MAX_SPARE) spare.push(buffer)
}

/** Leaves the spare ones to the collector: memory is short. */
export function releaseBuffers(): void {
  spare.length = 0
}
