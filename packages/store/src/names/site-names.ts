import {
  type Driver,
  type Keyspace,
  type Live,
  type Reader,
  StoreUnavailable,
  type View
} from '@reliw/model'
import type { HostSite } from '@reliw/options'
import { LiveIndex } from './live-index.ts'

export interface SiteNamesParts {
  driver: Driver
  keys: Keyspace
  view: <V>(load: (key: string, reader: Reader) => Promise<V>) => View<V>
  dependOn: (reader: Reader, source: string) => void
  changed: (source: string) => void
  failed: (cause: unknown) => void
}

/** The site of a host. */
interface Found {
  readonly site: HostSite
  /** Generation of the index in which it was found; `OWN` where the index was not needed. */
  readonly generation: number
}

/** Generation of a host that has routes or an upstream of its own, whatever other sites claim. */
const OWN = -1
/** Begins the name of a source that stands for one host; occurs in no key of the store. */
const NAMED = '\nname '
/** Memory of a cached result, in bytes. */
const BYTES = 250

/**
 * The sites of hosts. A cached result is valid until the host gets or loses routes or an upstream, and, for a host
 * without either, while its generation is that of the index: a change of the index costs nothing per cached host.
 *
 * security: clients choose hosts. Results are cached values like any other: bounded by bytes, and those of invented hosts
 * are evicted first, since nothing reads them again.
 */
export class SiteNames {
  readonly #parts: SiteNamesParts
  readonly #live: LiveIndex
  readonly #found: View<Found>

  constructor(parts: SiteNamesParts) {
    this.#parts = parts
    this.#live = new LiveIndex(parts)
    this.#found = parts.view(async (host, reader) => this.#find(host, reader))
  }

  siteOf(host: string): Live<HostSite> {
    const found = this.#found.get(host)
    return found instanceof Promise ? found.then(siteIn) : this.#confirm(host, found)
  }

  /** Takes note of changed keys; undefined: any key may have changed. */
  notice(keys: readonly string[] | undefined): void {
    this.#live.notice(keys)
  }

  close(): void {
    this.#live.close()
  }

  #confirm(host: string, found: Found): Live<HostSite> {
    const { pending, index } = this.#live
    if (found.generation === OWN) return found.site
    if (pending !== undefined) return pending.then(() => this.#confirmNow(host, found))
    return found.generation === index.generation ? found.site : this.#findAgain(host)
  }

  #confirmNow(host: string, found: Found): Live<HostSite> {
    return found.generation === this.#live.index.generation ? found.site : this.#findAgain(host)
  }

  #findAgain(host: string): Live<HostSite> {
    this.#parts.changed(NAMED + host)
    const found = this.#found.get(host)
    return found instanceof Promise ? found.then(siteIn) : found.site
  }

  async #find(host: string, reader: Reader): Promise<Found> {
    const { driver, keys, dependOn } = this.#parts
    this.#live.start()
    const own = [keys.routes(host), keys.proxy(host)]
    for (const source of [NAMED + host, ...own]) dependOn(reader, source)
    reader.weigh(BYTES + 2 * host.length)
    const types = await Promise.all(own.map(async (key) => driver.type(key)))
    const self = { name: host, wildcard: undefined, redirect: undefined }
    if (types.some((type) => type !== undefined)) return { site: self, generation: OWN }
    await this.#live.pending
    if (!this.#live.isLoaded) throw new StoreUnavailable()
    if (this.#live.hasFailed) reader.doubt()
    const { index } = this.#live
    const site = index.claims(host) ? self : (index.find(host) ?? self)
    return { site, generation: index.generation }
  }
}

function siteIn({ site }: Found): HostSite {
  return site
}
