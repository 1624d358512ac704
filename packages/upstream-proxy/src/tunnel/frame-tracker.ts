const OPCODE = 0x0f
const CLOSE = 0x8
const HAS_MASK = 0x80
const MASK_BYTES = 4
const LENGTH = 0x7f
const LENGTH_IN_2_BYTES = 126
const LENGTH_IN_8_BYTES = 127

type Part = 'opcode' | 'length' | 'extended length' | 'content'

/**
 * Tracks the position within the frames of one direction of a WebSocket (RFC 6455 5.2). It only reads the bytes;
 * invalid frames are followed as far as their lengths say.
 */
export class FrameTracker {
  /** The part of a frame that the next byte belongs to. */
  #part: Part = 'opcode'
  #lengthBytes = 0
  #maskBytes = 0
  /** Bytes of mask and payload still to come; inexact above 2^53, which is never reached. */
  #left = 0
  #isClosing = false

  /** Whether the last byte ended a frame, or no byte has come yet. */
  get isBetweenFrames(): boolean {
    return this.#part === 'opcode'
  }

  /** Whether a close frame has begun: no frame may follow it (RFC 6455 5.5.1). */
  get isClosing(): boolean {
    return this.#isClosing
  }

  /** Follows a whole chunk, which may begin and end anywhere in a frame. */
  track(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) at = this.#follow(chunk, at)
  }

  /**
   * Follows a chunk to the end of the current frame, and not further.
   *
   * @returns the number of bytes that belong to that frame; 0 between frames
   */
  finishFrame(chunk: Buffer): number {
    return this.isBetweenFrames ? 0 : this.#follow(chunk, 0)
  }

  /** @returns the index of the end of the frame or of the chunk */
  #follow(chunk: Buffer, start: number): number {
    let at = start
    while (at < chunk.length) {
      if (this.#part === 'content') {
        const step = Math.min(this.#left, chunk.length - at)
        this.#left -= step
        at += step
      } else {
        this.#readHeader(chunk.readUInt8(at))
        at += 1
      }
      if (this.#part === 'content' && this.#left === 0) {
        this.#part = 'opcode'
        break
      }
    }
    return at
  }

  #readHeader(byte: number): void {
    if (this.#part === 'opcode') {
      this.#isClosing ||= (byte & OPCODE) === CLOSE
      this.#part = 'length'
      return
    }
    if (this.#part === 'length') this.#readLength(byte)
    else {
      this.#left = this.#left * 256 + byte
      this.#lengthBytes -= 1
    }
    if (this.#lengthBytes > 0) return
    this.#left += this.#maskBytes
    this.#part = 'content'
  }

  #readLength(byte: number): void {
    const length = byte & LENGTH
    this.#maskBytes = byte & HAS_MASK ? MASK_BYTES : 0
    this.#lengthBytes = length === LENGTH_IN_8_BYTES ? 8 : length === LENGTH_IN_2_BYTES ? 2 : 0
    this.#left = this.#lengthBytes === 0 ? length : 0
    this.#part = 'extended length'
  }
}
