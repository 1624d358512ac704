import type { Entry, Live, Routes, Store } from '@reliw/model'
import { allowed, isPage, type UpstreamAnswer } from './answer.ts'

/**
 * Entries with an upstream. Their paths are too many to be worth caching. Instead the hosts that have such entries are
 * remembered, and paths of those hosts are matched against the host's routes at each request.
 */
export class UpstreamRoutes {
  readonly #sites: Store['sites']
  readonly #hosts = new Set<string>()
  readonly #answers = new WeakMap<Entry, UpstreamAnswer>()

  constructor({ sites }: Store) {
    this.#sites = sites
  }

  /** The result for an entry with `proxy`; undefined for other entries. */
  answer(host: string, id: string, entry: Entry): UpstreamAnswer | undefined {
    const { proxy: upstream } = entry
    if (upstream === undefined || isPage(entry)) return undefined
    let answer = this.#answers.get(entry)
    if (answer === undefined) {
      this.#hosts.add(host)
      answer = { kind: 'upstream', entry, allow: allowed(entry), name: `${host}:${id}`, upstream }
      this.#answers.set(entry, answer)
    }
    return answer
  }

  /** Whether a host has, or had, an entry with an upstream. */
  has(host: string): boolean {
    return this.#hosts.has(host)
  }

  /**
   * The result for a path; undefined when the values that it takes are not in the cache, or the entry has no upstream.
   * Throws errors of `Sites` and `Routes`.
   */
  find(host: string, path: string): UpstreamAnswer | undefined {
    if (this.#sites.proxy(host) !== undefined) return undefined
    const routes = this.#sites.routes(host)
    if (routes === undefined || routes instanceof Promise) return undefined
    return this.#known(host, routes.match(path))
  }

  /**
   * The result that all readings of a path lead to (`readTarget`); undefined when they do not agree, or the entry has
   * no upstream. Throws, or rejects, as `find` does.
   */
  findAlike(host: string, readings: readonly string[]): Live<UpstreamAnswer | undefined> {
    const routes = this.#sites.routes(host)
    if (routes instanceof Promise) return routes.then((found) => this.#alike(host, found, readings))
    return this.#alike(host, routes, readings)
  }

  #alike(
    host: string,
    routes: Routes | undefined,
    readings: readonly string[]
  ): Live<UpstreamAnswer | undefined> {
    const [first = '', ...others] = readings
    const id = routes?.matchBytes(first)
    if (id === undefined || !others.every((one) => routes?.matchBytes(one) === id)) return undefined
    const entry = this.#sites.entry(host, id)
    if (!(entry instanceof Promise)) return entry && this.answer(host, id, entry)
    return entry.then((found) => found && this.answer(host, id, found))
  }

  #known(host: string, id: string | undefined): UpstreamAnswer | undefined {
    const entry = id === undefined ? undefined : this.#sites.entry(host, id)
    if (id === undefined || entry === undefined || entry instanceof Promise) return undefined
    return this.answer(host, id, entry)
  }
}
