import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { BodyLimits, CutReason } from './body-limits.ts'

/**
 * A request body that is still arriving. A connection has at most one: Node reads the next request only when the
 * previous body is complete. So all bytes that arrive on the socket until then belong to this body.
 */
export class ArrivingBody {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string | undefined
  /** Its index in the list of watched bodies; -1 while it is not watched. */
  slot = -1
  readonly #socket: Socket
  readonly #since = performance.now()
  /** `bytesRead` of the socket at the last check. */
  #counted: number
  /** Bytes received on the socket, chunk sizes included. */
  #received = 0
  /** Bytes that count towards the average rate. */
  #credit = 0
  /** Milliseconds during which the client was free to send. */
  #time = 0
  /** Milliseconds since the last byte during which the client was free to send. */
  #silence = 0
  /**
   * Whether the body was held back at the last check; true before the first check, as the time until then is unknown.
   */
  #wasHeldBack = true

  constructor(request: IncomingMessage, response: ServerResponse, requestId?: string) {
    this.request = request
    this.response = response
    this.requestId = requestId
    this.#socket = request.socket
    this.#counted = this.#socket.bytesRead
  }

  /** Whether no more of the body will arrive. */
  get isOver(): boolean {
    return this.request.complete || this.#socket.destroyed
  }

  /**
   * Counts the body bytes that arrived together with the head, which the socket counted before the request existed.
   * Call it once they are in the stream's buffer and before anything has read them.
   */
  countFirst(): void {
    this.#received += this.request.readableLength
    this.#credit += this.request.readableLength
  }

  /**
   * Counts the bytes that arrived since the last check.
   *
   * @param elapsed milliseconds since the last check
   * @returns the limit that the client violated
   */
  check(limits: BodyLimits, now: number, elapsed: number): CutReason | undefined {
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
    // A fast start earns credit for `bodyTimeout` at most: the client may then pause no longer than silence is allowed.
    const most = bodyTimeout > 0 ? perMs * (this.#time + bodyTimeout) : Infinity
    this.#credit = Math.min(this.#credit + came, most)
    if (this.response.writableEnded && this.#received > maxBodySize) return 'too large'
    if (requestTimeout > 0 && now - this.#since > requestTimeout) return 'too long'
    if (bodyTimeout > 0 && this.#silence >= bodyTimeout) return 'silent'
    if (this.#time > minRateGrace && this.#credit < perMs * this.#time) return 'too slow'
    return undefined
  }

  /**
   * Whether the client is waiting for the server. Node pauses the socket when the stream's buffer is full or too many
   * responses are unsent. A paused stream means that its consumer wants no more data yet, whether the buffer is full or
   * not; but a stream consumed by `readable` or `for await` also appears paused.
   */
  #isHeldBack(): boolean {
    const { request } = this
    if (this.#socket.isPaused()) return true
    return request.isPaused() && request.listenerCount('readable') === 0
  }
}
