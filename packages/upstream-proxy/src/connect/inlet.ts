/** Maximum size of one read from a connection, in bytes. */
const SIZE = 64 * 1024

/** The buffer for the reads of all connections: each read is processed before the next. */
const shared = Buffer.allocUnsafeSlow(SIZE)

/** Receives the bytes of a connection without a stream, which would allocate 64 KiB for every read, however small. */
export class Inlet {
  /** Whether unsolicited bytes arrived before there was a taker. */
  hasOverrun = false
  /** Receives lent bytes: they are overwritten after it has returned. */
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
