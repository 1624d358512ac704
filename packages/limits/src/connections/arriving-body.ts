import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { BodyLimits, CutReason } from './body-limits.ts'

/**
 * A body on its way to us. A connection has one at most: the next request is seen when the body of
 * the one before is complete. So all that comes on the socket in the meantime belongs to it.
 */
export class ArrivingBody {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Where it is in the list of those that are watched. */
  slot = -1
  readonly #socket: Socket
  readonly #since = performance.now()
  /** The socket's count at the last look. */
  #counted: number
  /** Bytes, as they came on the socket. */
  #received = 0
  /** Bytes that count for the average. */
  #credit = 0
  /** Milliseconds during which the client could send. */
  #time = 0
  /** Milliseconds of that without a byte. */
  #silence = 0
  /** At the last look; before the first we do not know since when. */
  #wasHeldBack = true

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request
    this.response = response
    this.#socket = request.socket
    this.#counted = this.#socket.bytesRead
  }

  /** Whether nothing more of it will come. */
  get isOver(): boolean {
    return this.request.complete || this.#socket.destroyed
  }

  /**
   * Counts what came with the head, which the socket had counted before there was a request. To be
   * called when it is in the stream's buffer, and before anyone has read it.
   */
  countFirst(): void {
    this.#received += this.request.readableLength
    this.#credit += this.request.readableLength
  }

  /**
   * Counts what came since the last look.
   *
   * @param elapsed milliseconds since then
   * @returns what the client did not keep to
   */
  look(limits: BodyLimits, now: number, elapsed: number): CutReason | undefined {
    const came = this.#count()
    const isHeldBack = this.#isHeldBack()
    if (!isHeldBack && !this.#wasHeldBack) {
      this.#time += elapsed
      this.#silence += elapsed
    }
    if (came > 0) this.#silence = 0
    this.#wasHeldBack = isHeldBack
    return this.#judge(limits, now, came)
  }

  #count(): number {
    const { bytesRead } = this.#socket
    const came = bytesRead - this.#counted
    this.#counted = bytesRead
    this.#received += came
    return came
  }

  #judge(limits: BodyLimits, now: number, came: number): CutReason | undefined {
    const { bodyTimeout, minRateGrace, requestTimeout, maxBodySize } = limits
    const perMs = limits.minBodyRate / 1000
    // A fast beginning makes up for no more of slowness than it does of silence.
    const most = bodyTimeout > 0 ? perMs * (this.#time + bodyTimeout) : Infinity
    this.#credit = Math.min(this.#credit + came, most)
    if (this.response.writableEnded && this.#received > maxBodySize) return 'too large'
    if (requestTimeout > 0 && now - this.#since > requestTimeout) return 'too long'
    if (bodyTimeout > 0 && this.#silence >= bodyTimeout) return 'silent'
    if (this.#time > minRateGrace && this.#credit < perMs * this.#time) return 'too slow'
    return undefined
  }

  /**
   * Whether the client waits for us. Node stops reading the socket when the stream's buffer is full
   * and when too many answers are unsent, and says so. Whoever has paused the stream does not want
   * more yet, full or not; but a stream that is read by `readable` or `for await` looks paused as
   * well.
   */
  #isHeldBack(): boolean {
    const { request } = this
    if (this.#socket.isPaused()) return true
    return request.isPaused() && request.listenerCount('readable') === 0
  }
}
