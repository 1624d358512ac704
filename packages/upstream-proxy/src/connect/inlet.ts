/** What one read from a connection can bring, in bytes. */
const SIZE = 64 * 1024

/** All connections read into it, one after the other: what was read is used before the next read. */
const shared = Buffer.allocUnsafeSlow(SIZE)

/**
 * Where the bytes of a connection go that is read without a stream: a stream allocates 64 KiB for every read,
 * be it ever so small.
 */
export class Inlet {
  /** Whether bytes came that nobody had asked for: there was no taker yet. */
  hasOverrun = false
  /** Gets bytes that are only lent: they are others by the time it has returned. */
  take: (chunk: Buffer) => void = () => {
    this.hasOverrun = true
  }

  /** For `net.connect`. */
  readonly onread = {
    buffer: shared,
    callback: (length: number, buffer: Uint8Array): boolean => {
      this.take((buffer as Buffer).subarray(0, length))
      return true
    }
  }
}
