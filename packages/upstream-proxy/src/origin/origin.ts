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
  /** Exchanges under way. */
  inFlight: number
}

/** One origin of an upstream: its connections and its health. */
export class Origin {
  readonly target: Target
  readonly context: OriginContext
  /** The name in events and logs. */
  readonly name: string
  readonly health: OriginHealth
  /** Exchanges under way. */
  active = 0
  readonly #pool: Pool

  constructor(
    context: OriginContext,
    settings: Upstream,
    connect: Connect,
    onChange: (origin: Origin, change: HealthChange) => void
  ) {
    const { target } = context
    this.context = context
    this.target = target
    this.name = target.path ?? `${target.host}:${target.port}`
    this.health = new OriginHealth(settings.health, (change) => onChange(this, change))
    const mayBeH2 = target.scheme === 'https' && settings.http2 && settings.send_proxy === undefined
    this.#pool = new Pool(settings, connect, mayBeH2 ? 'unknown' : 'http/1.1')
  }

  get state(): OriginState {
    const { name, active, health } = this
    return { origin: name, healthy: health.isUsable, inFlight: active, ...this.#pool.state }
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
