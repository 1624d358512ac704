import type { Upstream } from '@reliw/model'
import { guardMethods } from '@reliw/options'
import type { Deadlines, Timed } from '../deadlines.ts'
import type { Exchange, OriginRequest } from '../exchange.ts'
import type { Origin } from '../origin/origin.ts'
import { type Connect, Pool } from '../origin/pool.ts'
import type { OriginHandler } from '../origin/waiting.ts'

/** The random part of the interval, as a fraction, so that the checks of many servers do not coincide. */
const SPREAD = 0.2
const ALONE = { connections: 1, max_pending: 0, keep_alive_timeout: 0, keep_alive_max_age: 0 }

/** Health-checks one origin at intervals, on a connection of its own: a full pool does not make an origin unhealthy. */
export class HealthCheck implements OriginHandler, Timed {
  static {
    guardMethods(HealthCheck, (self) => self.#finish(false))
  }

  deadline: number
  slot = -1
  readonly #origin: Origin
  readonly #settings: Upstream['health']
  readonly #deadlines: Deadlines
  readonly #pool: Pool
  readonly #request: OriginRequest
  #exchange: Exchange | undefined

  constructor(
    origin: Origin,
    settings: Upstream['health'],
    path: string,
    connect: Connect,
    deadlines: Deadlines
  ) {
    this.#origin = origin
    this.#settings = settings
    this.#deadlines = deadlines
    this.#pool = new Pool(ALONE, connect)
    const { scheme, authority } = origin.target
    const headers = ['User-Agent', 'reliw-health-check', 'Accept', '*/*']
    this.#request = {
      method: 'GET',
      path,
      scheme,
      authority,
      headers,
      body: undefined,
      upgrade: undefined
    }
    this.deadline = deadlines.now
    deadlines.add(this)
  }

  /** A check is due, or the current one has timed out. */
  onLate(): void {
    if (this.#exchange !== undefined) return this.#finish(false)
    this.deadline = this.#deadlines.after(this.#settings.timeout)
    this.#exchange = this.#pool.send(this.#request, this)
  }

  onSent(): void {}

  onInterim(): void {}

  onHead(status: number): void {
    const { status: expected } = this.#settings
    this.#finish(expected?.includes(status) ?? (status >= 200 && status < 400))
  }

  onData(): boolean {
    return true
  }

  onEnd(): void {}

  onUpgrade(): void {}

  onError(): void {
    this.#finish(false)
  }

  close(): void {
    this.#deadlines.delete(this)
    this.#exchange?.cancel()
    this.#pool.close()
  }

  #finish(isHealthy: boolean): void {
    this.#exchange?.cancel()
    this.#exchange = undefined
    const spread = 1 + SPREAD * (Math.random() - 0.5)
    this.deadline = this.#deadlines.after(this.#settings.interval * spread)
    this.#origin.health.checked(isHealthy)
  }
}
