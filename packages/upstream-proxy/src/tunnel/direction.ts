import type { Duplex } from 'node:stream'
import { pauseReading, resumeReading } from '../pieces/paused-reading.ts'
import { type OnTaken, type PieceTarget, PieceWriter } from '../pieces/piece-writer.ts'
import { closeFrame } from './close-frame.ts'
import { FrameTracker } from './frame-tracker.ts'

/** The close status sent when the tunnel ends through no fault of the receiver (RFC 6455 7.4.1). */
const GOING_AWAY = 1001

/** Passes on the bytes of one direction of a tunnel. */
export class Direction implements PieceTarget {
  readonly from: Duplex
  readonly to: Duplex
  /** The number of bytes passed on. */
  bytes = 0
  /** When bytes last arrived or were taken, by `performance.now()`. */
  lastMove = performance.now()
  readonly #isMasked: boolean
  readonly #frames: FrameTracker | undefined
  readonly #pieces = new PieceWriter(this)
  #isOpen = true
  #isClosing = false

  /** @param frames how WebSocket frames are sent in this direction; undefined for any other protocol */
  constructor(from: Duplex, to: Duplex, frames: 'masked' | 'unmasked' | undefined) {
    this.from = from
    this.to = to
    this.#isMasked = frames === 'masked'
    this.#frames = frames && new FrameTracker()
  }

  /** Whether bytes are still passed on. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Passes a chunk on; pauses reading while too many bytes wait. */
  pass(chunk: Buffer): void {
    this.lastMove = performance.now()
    if (!this.#isOpen) return
    if (this.#isClosing) {
      this.#write(chunk.subarray(0, this.#frames?.finishFrame(chunk)))
      this.#endBetweenFrames()
    } else {
      this.#frames?.track(chunk)
      this.#write(chunk)
    }
  }

  /**
   * Ends the direction after the bytes passed on. Later bytes are read, so that the source can end as well, and
   * dropped.
   */
  end(lastBytes?: Buffer): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    if (this.to.writable) {
      this.#pieces.flush()
      this.to.end(lastBytes)
    }
    resumeReading(this.from)
  }

  /** Ends the direction: at once, or for a WebSocket after the current frame, with a close frame. */
  close(): void {
    this.#isClosing = true
    this.#endBetweenFrames()
  }

  get waiting(): number {
    return this.to.writableLength
  }

  writePiece(bytes: Buffer, onTaken: OnTaken): void {
    this.to.write(bytes, (error) => {
      this.lastMove = performance.now()
      onTaken(error)
    })
  }

  onThrow(): void {
    this.to.destroy()
  }

  onRoom(): void {
    this.lastMove = performance.now()
    resumeReading(this.from)
  }

  #write(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.bytes += chunk.length
    if (!this.#pieces.write(chunk, 'shared')) pauseReading(this.from)
  }

  #endBetweenFrames(): void {
    const frames = this.#frames
    if (frames?.isBetweenFrames === false) return
    const needsFrame = frames !== undefined && !frames.isClosing
    this.end(needsFrame ? closeFrame(GOING_AWAY, this.#isMasked) : undefined)
  }
}
