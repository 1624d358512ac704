import type { Keyspace } from '@reliw/model'
import type { Keys } from '../sessions/memory-keys.ts'

/** How failures of one kind delay further attempts. */
export interface BackOffLimits {
  /** Number of failures without a delay. */
  free: number
  /** The longest delay, in milliseconds. */
  longest: number
}

/** How long failures are counted, in milliseconds. */
export const WINDOW = 60 * 60 * 1000
const FIRST_WAIT = 1000

/**
 * Slows down guessing: past a few failures one attempt is let in at a time, and the delay after each doubles. All
 * methods reject if the store does; `whose` is a part of a key: short, and not chosen by a client.
 *
 * security: an attempt counts as a failure from its beginning, so that concurrent attempts gain nothing.
 */
export class BackOff {
  readonly #keyspace: Keyspace
  readonly #keys: Keys
  readonly #limits: BackOffLimits

  constructor(keyspace: Keyspace, keys: Keys, limits: BackOffLimits) {
    this.#keyspace = keyspace
    this.#keys = keys
    this.#limits = limits
  }

  /**
   * Counts an attempt.
   *
   * @returns milliseconds until the next attempt is let in; 0: this one may proceed
   */
  async begin(host: string, whose: string): Promise<number> {
    const { free, longest } = this.#limits
    const failures = await this.count(host, whose)
    if (failures <= free) return 0
    const wait = await this.pass(
      host,
      whose,
      Math.min(FIRST_WAIT * 2 ** (failures - free - 1), longest)
    )
    if (wait > 0) await this.forgive(host, whose)
    return wait
  }

  /** Counts an attempt. Resolves to the number of attempts within the last hour, including this one. */
  async count(host: string, whose: string): Promise<number> {
    const [failures = 0] = await this.#keys.increment([this.#by(1, host, whose)])
    return failures
  }

  /**
   * Lets one attempt in, and no other for `wait` milliseconds. Resolves to the milliseconds left; 0: this one is in.
   */
  async pass(host: string, whose: string, wait: number): Promise<number> {
    const gate = this.#gate(host, whose)
    const [passed = 0] = await this.#keys.increment([{ key: gate, by: 1, ttl: wait }])
    return passed === 1 ? 0 : ((await this.#keys.ttl(gate)) ?? 1)
  }

  /** Milliseconds until the next attempt is let in; 0: at once. */
  async left(host: string, whose: string): Promise<number> {
    return (await this.#keys.ttl(this.#gate(host, whose))) ?? 0
  }

  /** Takes an attempt out of the count. */
  async forgive(host: string, whose: string): Promise<void> {
    await this.#keys.increment([this.#by(-1, host, whose)])
  }

  /** Forgets all failures, after a correct attempt. */
  async forget(host: string, whose: string): Promise<void> {
    const keys = [this.#counter(host, whose), this.#gate(host, whose)]
    await this.#keys.write(keys.map((key) => ({ op: 'delete', key }) as const))
  }

  #by(by: number, host: string, whose: string): { key: string; by: number; ttl: number } {
    return { key: this.#counter(host, whose), by, ttl: WINDOW }
  }

  #counter(host: string, whose: string): string {
    return this.#keyspace.limit(host, 'login', whose)
  }

  #gate(host: string, whose: string): string {
    return this.#keyspace.limit(host, 'login-wait', whose)
  }
}
