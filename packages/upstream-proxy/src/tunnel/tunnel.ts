import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { guarded, guardMethods } from '@reliw/options'
import type { Deadlines, Timed } from '../deadlines.ts'
import { Direction } from './direction.ts'

/** Two connections to join. The heads of the request and of the response have been passed on already. */
export interface TunnelOptions {
  readonly client: Duplex
  readonly origin: Duplex
  /** Bytes from the client after the head of its request. */
  readonly clientHead: Buffer
  /** Bytes from the origin after the head of its response. */
  readonly originHead: Buffer
  readonly isWebSocket: boolean
  /** How long no byte may pass in either direction, in milliseconds. */
  readonly idleTimeout: number
  /** Called once, when both connections are closed. */
  onClose(summary: TunnelSummary): void
}

/** Why a tunnel ended: the first event. */
export type TunnelEnd =
  | 'client ended'
  | 'client failed'
  | 'origin ended'
  | 'origin failed'
  | 'idle timeout'
  | 'going away'

export interface TunnelSummary {
  /** Bytes from the client to the origin. */
  readonly bytesIn: number
  /** Bytes from the origin to the client. */
  readonly bytesOut: number
  readonly ms: number
  readonly reason: TunnelEnd
  /** The error of a failed connection; for logs. */
  readonly error: Error | undefined
}

type Side = 'client' | 'origin'

/** How long an orderly end waits for the current frame, in milliseconds. */
const FRAME_MS = 1000
/** How long it then waits for both sides to end, in milliseconds. */
const GRACE_MS = 2000

/**
 * Joins a client and an origin after an upgrade (RFC 9110 7.8): the bytes of each side are passed to the other as fast
 * as it takes them. The end of one side is passed on as well; the other side may go on sending.
 */
export class Tunnel implements Timed {
  static {
    guardMethods(Tunnel, (self, error) => self.#fail('origin', error))
  }

  deadline: number
  slot = -1
  readonly #options: TunnelOptions
  readonly #deadlines: Deadlines
  readonly #up: Direction
  readonly #down: Direction
  readonly #opened = performance.now()
  /** The sides that are not closed yet. */
  readonly #open = new Set<Side>(['client', 'origin'])
  #step: 'open' | 'closing' | 'ending' = 'open'
  #reason: TunnelEnd | undefined
  #error: Error | undefined

  /** @param deadlines must run for as long as the tunnel is open */
  constructor(options: TunnelOptions, deadlines: Deadlines) {
    const { client, origin, isWebSocket, idleTimeout } = options
    this.#options = options
    this.#deadlines = deadlines
    this.#up = new Direction(client, origin, isWebSocket ? 'masked' : undefined)
    this.#down = new Direction(origin, client, isWebSocket ? 'unmasked' : undefined)
    this.deadline = this.#opened + idleTimeout
    deadlines.add(this)
    this.#start('client', this.#up, options.clientHead)
    this.#start('origin', this.#down, options.originHead)
  }

  /** Bytes from the client to the origin, so far. */
  get bytesIn(): number {
    return this.#up.bytes
  }

  /** Bytes from the origin to the client, so far. */
  get bytesOut(): number {
    return this.#down.bytes
  }

  /**
   * Ends both sides in order; a WebSocket with a close frame (1001) between frames. After one second the receiver of an
   * unfinished frame is destroyed, and two seconds later both connections.
   */
  close(): void {
    this.#close('going away')
  }

  onLate(now: number): void {
    if (this.#step === 'open') this.#checkIdle(now)
    else if (this.#step === 'closing') {
      for (const direction of [this.#up, this.#down]) if (direction.isOpen) direction.to.destroy()
      this.#step = 'ending'
      this.deadline = now + GRACE_MS
    } else {
      this.#options.client.destroy()
      this.#options.origin.destroy()
    }
  }

  #start(side: Side, direction: Direction, head: Buffer): void {
    const { from } = direction
    from.allowHalfOpen = true
    if (from instanceof Socket) from.setTimeout(0).setNoDelay(true)
    const fail = (error: unknown): void => this.#fail(side, error)
    from.on(
      'data',
      guarded((chunk: Buffer) => direction.pass(chunk), fail)
    )
    from.on(
      'end',
      guarded(() => this.#onEnd(side, direction), fail)
    )
    from.on(
      'error',
      guarded((error: Error) => this.#onError(side, error), fail)
    )
    const onClose = guarded(() => this.#onClose(side), fail)
    from.on('close', onClose)
    from.resume()
    if (head.length > 0) direction.pass(head)
    // Events from before the tunnel existed are not repeated.
    if (from.readableEnded) this.#onEnd(side, direction)
    if (from.closed) process.nextTick(onClose)
  }

  #onEnd(side: Side, direction: Direction): void {
    this.#reason ??= `${side} ended`
    direction.end()
  }

  #onError(side: Side, error: Error): void {
    this.#reason ??= `${side} failed`
    this.#error ??= error
  }

  /** An internal exception ends this tunnel. */
  #fail(side: Side, error: unknown): void {
    this.#onError(side, error as Error)
    this.#options.client.destroy()
    this.#options.origin.destroy()
  }

  #onClose(side: Side): void {
    if (!this.#open.delete(side)) return
    this.#reason ??= `${side} ended`
    this.#up.end()
    this.#down.end()
    if (this.#open.size === 0) this.#finish(this.#reason)
    else if (this.#step === 'open') {
      destroyWhenFlushed(side === 'client' ? this.#options.origin : this.#options.client)
    }
  }

  #checkIdle(now: number): void {
    const lastMove = Math.max(this.#up.lastMove, this.#down.lastMove)
    this.deadline = lastMove + this.#options.idleTimeout
    if (now >= this.deadline) this.#close('idle timeout')
  }

  #close(reason: TunnelEnd): void {
    if (this.#step !== 'open') return
    this.#reason ??= reason
    this.#step = 'closing'
    this.deadline = performance.now() + FRAME_MS
    this.#up.close()
    this.#down.close()
  }

  #finish(reason: TunnelEnd): void {
    this.#deadlines.delete(this)
    this.#options.onClose({
      bytesIn: this.#up.bytes,
      bytesOut: this.#down.bytes,
      ms: performance.now() - this.#opened,
      reason,
      error: this.#error
    })
  }
}

function destroyWhenFlushed(stream: Duplex): void {
  if (stream.writableFinished) stream.destroy()
  else stream.once('finish', () => stream.destroy())
}
