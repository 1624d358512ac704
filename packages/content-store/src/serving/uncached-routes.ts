import {
  type Entry,
  type FoundRoute,
  type Live,
  type Routes,
  type Store,
  type Upstream,
  weakMemoize
} from '@reliw/model'
import {
  allowHeader,
  isLoginPage,
  type RedirectResolution,
  type UpstreamResolution
} from './resolution.ts'

/**
 * Entries with an upstream or a redirect. Their paths are too many to be worth caching. Instead the routes that lead to
 * such entries are marked, and paths of their hosts are matched against them at each request.
 */
export class UncachedRoutes {
  readonly #sites: Store['sites']
  /** Routes that lead, or led, to an entry with an upstream or a redirect. */
  readonly #marked = new WeakSet<Routes>()
  readonly #resolutionOf: (entry: Entry, upstream: Upstream) => UpstreamResolution
  readonly #allowOf = weakMemoize(allowHeader)

  constructor({ sites, keys }: Store) {
    this.#sites = sites
    const { length } = keys.routes('')
    this.#resolutionOf = weakMemoize((entry, upstream) => {
      const name = entry.key?.slice(length) ?? ''
      return { kind: 'upstream', entry, allow: allowHeader(entry), name, upstream }
    })
  }

  /** The result for an entry with `proxy` or `redirect` to which a route led; undefined for other entries. */
  resolve(
    routes: Routes,
    route: FoundRoute,
    entry: Entry
  ): UpstreamResolution | RedirectResolution | undefined {
    if (entry.redirect === undefined || isLoginPage(entry)) return this.#upstream(routes, entry)
    this.#marked.add(routes)
    const { pattern } = route
    return { kind: 'redirect', entry, allow: this.#allowOf(entry), to: entry.redirect, pattern }
  }

  #upstream(routes: Routes, entry: Entry): UpstreamResolution | undefined {
    const { proxy: upstream, redirect } = entry
    if (upstream === undefined || redirect !== undefined || isLoginPage(entry)) return undefined
    this.#marked.add(routes)
    return this.#resolutionOf(entry, upstream)
  }

  /**
   * The routes of a host, if they lead to an entry with an upstream or a redirect; undefined also when they are not in
   * the cache. Throws errors of `Sites`.
   */
  marked(host: string): Routes | undefined {
    const routes = this.#sites.routes(host)
    if (routes === undefined || routes instanceof Promise) return undefined
    return this.#marked.has(routes) ? routes : undefined
  }

  /**
   * The result for a path; undefined when the values that it takes are not in the cache, or the entry has neither
   * upstream nor redirect. Throws errors of `Sites` and `Routes`.
   */
  find(
    host: string,
    routes: Routes,
    path: string
  ): UpstreamResolution | RedirectResolution | undefined {
    if (this.#sites.proxy(host) !== undefined) return undefined
    const route = routes.find(path)
    const entry = route && this.#sites.entry(host, route.entry)
    if (route === undefined || entry === undefined || entry instanceof Promise) return undefined
    return this.resolve(routes, route, entry)
  }

  /**
   * The upstream that all readings of a path lead to (`readTarget`); undefined when they do not agree, or the entry has
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
    if (!(entry instanceof Promise)) return entry && this.#upstream(routes, entry)
    return entry.then((found) => found && this.#upstream(routes, found))
  }
}
