import {
  type Entry,
  type Live,
  type Routes,
  type Store,
  type Upstream,
  weakMemoize
} from '@reliw/model'
import { allowHeader, isLoginPage, type UpstreamResolution } from './resolution.ts'

/**
 * Entries with an upstream. Their paths are too many to be worth caching. Instead the routes that lead to such entries
 * are marked, and paths of their hosts are matched against them at each request.
 */
export class UpstreamRoutes {
  readonly #sites: Store['sites']
  /** Routes that lead, or led, to an entry with an upstream. */
  readonly #marked = new WeakSet<Routes>()
  readonly #resolutionOf: (entry: Entry, upstream: Upstream) => UpstreamResolution

  constructor({ sites, keys }: Store) {
    this.#sites = sites
    const { length } = keys.routes('')
    this.#resolutionOf = weakMemoize((entry, upstream) => {
      const name = entry.key?.slice(length) ?? ''
      return { kind: 'upstream', entry, allow: allowHeader(entry), name, upstream }
    })
  }

  /** The result for an entry with `proxy` to which routes led; undefined for other entries. */
  resolve(routes: Routes, entry: Entry): UpstreamResolution | undefined {
    const { proxy: upstream } = entry
    if (upstream === undefined || isLoginPage(entry)) return undefined
    this.#marked.add(routes)
    return this.#resolutionOf(entry, upstream)
  }

  /**
   * The routes of a host, if they lead to an entry with an upstream; undefined also when they are not in the cache.
   * Throws errors of `Sites`.
   */
  marked(host: string): Routes | undefined {
    const routes = this.#sites.routes(host)
    if (routes === undefined || routes instanceof Promise) return undefined
    return this.#marked.has(routes) ? routes : undefined
  }

  /**
   * The result for a path; undefined when the values that it takes are not in the cache, or the entry has no upstream.
   * Throws errors of `Sites` and `Routes`.
   */
  find(host: string, routes: Routes, path: string): UpstreamResolution | undefined {
    if (this.#sites.proxy(host) !== undefined) return undefined
    const id = routes.match(path)
    const entry = id === undefined ? undefined : this.#sites.entry(host, id)
    if (entry === undefined || entry instanceof Promise) return undefined
    return this.resolve(routes, entry)
  }

  /**
   * The result that all readings of a path lead to (`readTarget`); undefined when they do not agree, or the entry has
   * no upstream. Throws, or rejects, as `find` does.
   */
  findForReadings(host: string, readings: readonly string[]): Live<UpstreamResolution | undefined> {
    const routes = this.#sites.routes(host)
    if (routes instanceof Promise)
      return routes.then((found) => this.#upstreamOf(host, found, readings))
    return this.#upstreamOf(host, routes, readings)
  }

  #upstreamOf(
    host: string,
    routes: Routes | undefined,
    readings: readonly string[]
  ): Live<UpstreamResolution | undefined> {
    if (routes === undefined) return undefined
    const [first = '', ...others] = readings
    const id = routes.matchBytes(first)
    if (id === undefined || !others.every((one) => routes.matchBytes(one) === id)) return undefined
    const entry = this.#sites.entry(host, id)
    if (!(entry instanceof Promise)) return entry && this.resolve(routes, entry)
    return entry.then((found) => found && this.resolve(routes, found))
  }
}
