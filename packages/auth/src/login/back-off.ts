import type { Keyspace } from '@reliw/store'
import type { Keys } from '../sessions/memory-keys.ts'

/** How failures of one kind slow further attempts down. */
export interface Patience {
  /** Failures that cost nothing. */
  free: number
  /** The longest wait, in milliseconds. */
  longest: number
}

/** After this time failures are forgotten, in milliseconds. */
const WINDOW = 60 * 60 * 1000
const FIRST_WAIT = 1000

/**
 * Slows guessing down: past a few failures one attempt is let in at a time, and the wait after each doubles. An
 * attempt counts as a failure from its beginning, so that many at once gain nothing.
 */
export class BackOff {
  readonly #keyspace: Keyspace
  readonly #keys: Keys
  readonly #patience: Patience

  constructor(keyspace: Keyspace, keys: Keys, patience: Patience) {
    this.#keyspace = keyspace
    this.#keys = keys
    this.#patience = patience
  }

  /**
   * Takes note of an attempt. Rejects as the store does.
   *
   * @returns milliseconds to wait before another one; 0: this one may go on
   */
  async begin(host: string, whose: string): Promise<number> {
    const { free, longest } = this.#patience
    const count = { key: this.#counter(host, whose), by: 1, ttl: WINDOW }
    const [failures = 0] = await this.#keys.increment([count])
    if (failures <= free) return 0
    const wait = Math.min(FIRST_WAIT * 2 ** (failures - free - 1), longest)
    const gate = this.#gate(host, whose)
    const [passed = 0] = await this.#keys.increment([{ key: gate, by: 1, ttl: wait }])
    if (passed === 1) return 0
    await this.#keys.increment([{ ...count, by: -1 }])
    return (await this.#keys.ttl(gate)) ?? 1
  }

  /** The attempt was none of a guesser: it is not counted. */
  async forgive(host: string, whose: string): Promise<void> {
    await this.#keys.increment([{ key: this.#counter(host, whose), by: -1, ttl: WINDOW }])
  }

  /** It was the right one: all is forgotten. */
  async forget(host: string, whose: string): Promise<void> {
    const keys = [this.#counter(host, whose), this.#gate(host, whose)]
    await this.#keys.write(keys.map((key) => ({ op: 'delete', key }) as const))
  }

  #counter(host: string, whose: string): string {
    return this.#keyspace.limit(host, 'login', whose)
  }

  #gate(host: string, whose: string): string {
    return this.#keyspace.limit(host, 'login-wait', whose)
  }
}
