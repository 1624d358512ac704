import type { Target, Upstream } from '@reliw/model'
import type { Exchange, OriginRequest } from '../exchange.ts'
import type { OriginContext } from '../headers/received-request.ts'
import { type HealthChange, OriginHealth } from '../policy/origin-health.ts'
import { type Connect, Pool, type PoolState } from './pool.ts'
import type { OriginHandler } from './waiting.ts'

/** The state of an origin, for metrics and operators. */
export interface OriginState extends PoolState {
  /** `host:port`, or the path of a Unix socket. */
  origin: string
  healthy: boolean
  /** Whether its definition says that it gets no further requests. */
  draining: boolean
  /** Exchanges under way. */
  inFlight: number
}

/** One origin of an upstream: its connections and its health. */
export class Origin {
  /** The name in events and logs. */
  readonly name: string
  readonly health: OriginHealth
  /** Exchanges under way. */
  active = 0
  #context: OriginContext
  readonly #pool: Pool

  constructor(
    context: OriginContext,
    settings: Upstream,
    connect: Connect,
    onChange: (origin: Origin, change: HealthChange) => void
  ) {
    const { target } = context
    this.#context = context
    this.name = target.path ?? `${target.host}:${target.port}`
    this.health = new OriginHealth(settings.health, (change) => onChange(this, change))
    const mayBeH2 = target.scheme === 'https' && settings.http2 && settings.send_proxy === undefined
    this.#pool = new Pool(settings, connect, mayBeH2 ? 'unknown' : 'http/1.1')
  }

  get target(): Target {
    return this.#context.target
  }

  get context(): OriginContext {
    return this.#context
  }

  /** Whether the origin gets no further requests, while those under way are completed. */
  get isDraining(): boolean {
    return this.#context.target.drain === true
  }

  /** Whether the origin may be chosen for a request. */
  get isUsable(): boolean {
    return !this.isDraining && this.health.isUsable
  }

  get state(): OriginState {
    const { name: origin, active: inFlight, health, isDraining: draining } = this
    return { origin, healthy: health.isUsable, draining, inFlight, ...this.#pool.state }
  }

  /** Takes a changed definition of the same origin over. Attempts under way go on with the one that they began with. */
  redefine(context: OriginContext): void {
    this.#context = context
  }

  hasRoomForUpload(client: string): boolean {
    return this.#pool.hasShare(client)
  }

  mayAnnounce(client: string): boolean {
    return this.#pool.mayAnnounce(client)
  }

  /** @returns undefined when too many requests are already waiting for a connection */
  send(request: OriginRequest, handler: OriginHandler): Exchange | undefined {
    return this.#pool.send(request, handler)
  }

  /** Whether an exchange waits for other exchanges to end, which is not the fault of the origin. */
  isQueued(exchange: Exchange): boolean {
    return this.#pool.isQueued(exchange)
  }

  sweep(now: number): void {
    this.#pool.sweep(now)
  }

  close(): void {
    this.#pool.close()
  }
}
