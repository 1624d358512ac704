import type { Store } from '@reliw/model'
import { readPeers } from './read-peers.ts'
import { catalog } from './catalog.ts'
import type { Collector } from './collector.ts'
import { type Family, single } from './family.ts'
import { type FleetBounds, readFleet } from './fleet/read-fleet.ts'
import { merge } from './merge.ts'
import { runtimeFamilies } from './process/runtime.ts'

type Source = () => readonly Family[] | Promise<readonly Family[]>

export interface ScrapeParts {
  readonly collectors: readonly Collector[]
  /** Further sources of families. */
  readonly sources: readonly Source[]
  readonly store: Store | undefined
  readonly bounds: FleetBounds
  readonly peers: (() => Promise<readonly (readonly Family[])[]>) | undefined
  /** Called with the error when a part of the metrics is not available. */
  readonly failed: (error: unknown) => void
}

/** Result of a scrape. */
export interface Scraped {
  readonly families: readonly Family[]
  /** Whether the counts of all servers were read from the store; true without a store. */
  readonly isComplete: boolean
}

/** Assembles the result of a scrape. Concurrent requests share one result. */
export class Scrape {
  readonly #parts: ScrapeParts
  #running: Promise<Scraped> | undefined
  #failures = 0

  constructor(parts: ScrapeParts) {
    this.#parts = parts
  }

  async run(): Promise<Scraped> {
    return (this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    }))
  }

  /** Metrics of this process. */
  async snapshot(): Promise<readonly Family[]> {
    const { collectors, sources } = this.#parts
    const families: Family[] = []
    for (const collector of collectors)
      families.push(...(await this.#collect(() => collector.collect())))
    for (const source of [...sources, runtimeFamilies])
      families.push(...(await this.#collect(source)))
    families.push(single(catalog.Process.failures, this.#failures))
    return families
  }

  async #run(): Promise<Scraped> {
    const { store, bounds, peers } = this.#parts
    const [own, others, fleet] = await Promise.all([
      this.snapshot(),
      readPeers(peers).catch((error: unknown) => this.#fail(error, [])),
      this.#fleet(store, bounds)
    ])
    const families = [...merge([own, ...others]), ...(fleet ?? [])]
    if (store === undefined) return { families, isComplete: true }
    // Whether the store responded to this scrape, not what the store reports about itself.
    families.push(single(catalog.Store.up, fleet === undefined ? 0 : 1))
    return { families, isComplete: fleet !== undefined }
  }

  /** Undefined when the store is unavailable, or reading it fails. */
  async #fleet(store: Store | undefined, bounds: FleetBounds): Promise<Family[] | undefined> {
    if (store?.connected !== true) return undefined
    return readFleet(store, bounds).catch((error: unknown) => this.#fail(error, undefined))
  }

  async #collect(source: Source): Promise<readonly Family[]> {
    try {
      return await source()
    } catch (error) {
      return this.#fail(error, [])
    }
  }

  #fail<T>(error: unknown, instead: T): T {
    this.#failures++
    this.#parts.failed(error)
    return instead
  }
}
