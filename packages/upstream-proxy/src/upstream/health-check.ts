import type { Target, Upstream } from '@reliw/model'
import { guardMethods } from '@reliw/options'
import type { Deadlines, Timed } from '../deadlines.ts'
import type { Exchange, OriginRequest } from '../exchange.ts'
import type { Origin } from '../origin/origin.ts'
import { type Connect, Pool } from '../origin/pool.ts'
import type { OriginHandler } from '../origin/waiting.ts'
import { TextSearch } from './text-search.ts'

/** The random part of the interval, as a fraction, so that the checks of many servers do not coincide. */
const SPREAD = 0.2
/** Sent unless the settings name others, in any spelling. */
const DEFAULT_HEADERS = { 'User-Agent': 'reliw-health-check', Accept: '*/*' }
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
  /** Set while the body of a response is searched. */
  #search: TextSearch | undefined

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
    this.#request = requestOf(origin.target, settings, path)
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
    const { status: expected, contains } = this.#settings
    const isExpected = expected?.includes(status) ?? (status >= 200 && status < 400)
    if (!isExpected || contains === undefined) return this.#finish(isExpected)
    this.#search = new TextSearch(contains)
  }

  onData(chunk: Buffer): boolean {
    const isFound = this.#search?.add(chunk)
    if (isFound !== undefined) this.#finish(isFound)
    return true
  }

  /** The text did not come. */
  onEnd(): void {
    this.#finish(false)
  }

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
    this.#search = undefined
    const spread = 1 + SPREAD * (Math.random() - 0.5)
    this.deadline = this.#deadlines.after(this.#settings.interval * spread)
    this.#origin.health.checked(isHealthy)
  }
}

function requestOf(
  { scheme, authority }: Target,
  { method = 'GET', headers: own = {} }: Upstream['health'],
  path: string
): OriginRequest {
  const named = new Map(Object.entries(own).map(([name, value]) => [name.toLowerCase(), value]))
  const defaults = Object.entries(DEFAULT_HEADERS).filter(
    ([name]) => !named.has(name.toLowerCase())
  )
  const given = Object.entries(own).filter(([name]) => name.toLowerCase() !== 'host')
  return {
    method,
    path,
    scheme,
    authority: named.get('host') ?? authority,
    headers: [...defaults, ...given].flat(),
    body: undefined,
    upgrade: undefined
  }
}
