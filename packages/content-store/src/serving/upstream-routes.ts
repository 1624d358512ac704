import type { Entry, Live, Routes, Store } from '@reliw/model'
import { allowed, isPage, type UpstreamAnswer } from './answer.ts'

/**
 * Entries with an upstream. They answer any number of paths, of which none is worth keeping: what is kept is
 * that a host has such entries, and its paths are matched against its routes then.
 */
export class UpstreamRoutes {
  readonly #sites: Store['sites']
  readonly #hosts = new Set<string>()
  readonly #answers = new WeakMap<Entry, UpstreamAnswer>()

  constructor({ sites }: Store) {
    this.#sites = sites
  }

  /** The answer for an entry with `proxy`. */
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

  /** Whether a host has had such an entry. */
  has(host: string): boolean {
    return this.#hosts.has(host)
  }

  /**
   * The answer for a path; undefined where what it takes is not at hand, or another entry answers. Throws what
   * `Sites` and `Routes` throw.
   */
  find(host: string, path: string): UpstreamAnswer | undefined {
    if (this.#sites.proxy(host) !== undefined) return undefined
    const routes = this.#sites.routes(host)
    if (routes === undefined || routes instanceof Promise) return undefined
    return this.#known(host, routes.match(path))
  }

  /**
   * The answer that all readings of a path lead to (`readTarget`); undefined where they do not agree, or it is not an
   * upstream. Rejects, or throws, as `find` does.
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
