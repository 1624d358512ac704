import type { Store } from '@reliw/model'
import type { FastifyBaseLogger } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether the store has sites. */
    sites: SitePresence
  }
}

/** Keys that one step of a search lists. */
const BATCH = 1000

/**
 * Knows whether the store has any site: any key of routes or of an upstream. The search stops at the first key, which is
 * remembered; the next search is made when that key changes, so that sites cost a store with sites nothing.
 */
export class SitePresence {
  /** Settles when the store has been searched for the first time: whether it had no site. */
  readonly wasEmpty: Promise<boolean>
  readonly #store: Store
  readonly #log: FastifyBaseLogger
  readonly #prefixes: readonly string[]
  readonly #stops: (() => void)[]
  readonly #first = Promise.withResolvers<boolean>()
  /** A key of a site; undefined when none is known. */
  #witness: string | undefined
  #isEmpty = false
  #isSearching = false
  #isDue = false

  constructor(store: Store, log: FastifyBaseLogger) {
    this.#store = store
    this.#log = log
    this.wasEmpty = this.#first.promise
    this.#prefixes = [store.keys.routes(''), store.keys.proxy('')]
    this.#stops = this.#prefixes.map((prefix) =>
      store.watch(prefix, (changed) => this.#notice(changed))
    )
  }

  /** Whether the store is known to have no site; false while this is unknown. */
  get isEmpty(): boolean {
    return this.#isEmpty
  }

  close(): void {
    for (const stop of this.#stops) stop()
  }

  #notice(changed: readonly string[] | undefined): void {
    const isKept = this.#witness !== undefined && changed?.includes(this.#witness) === false
    if (isKept) return
    this.#isEmpty = false
    this.#isDue = true
    if (!this.#isSearching) void this.#search()
  }

  async #search(): Promise<void> {
    this.#isSearching = true
    try {
      while (this.#isDue) {
        this.#isDue = false
        this.#witness = await this.#find()
        this.#isEmpty = this.#witness === undefined && !this.#isDue
      }
      this.#first.resolve(this.#isEmpty)
    } catch (err) {
      // The store is unavailable: it will report that anything may have changed.
      this.#log.debug({ err }, 'the store could not be searched for sites')
    } finally {
      this.#isSearching = false
    }
  }

  async #find(): Promise<string | undefined> {
    const { driver } = this.#store
    const known = this.#witness
    if (known !== undefined && (await driver.type(known)) !== undefined) return known
    for (const prefix of this.#prefixes) {
      for await (const [key] of driver.keys(prefix, BATCH)) if (key !== undefined) return key
    }
    return undefined
  }
}
