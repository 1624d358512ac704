import type { SiteRequests } from './site-requests.ts'

/** Largest number of distinct paths of all hosts together. */
const MAX_PATHS = 20_000
/** Longest path that is counted by itself, in characters. */
const MAX_LENGTH = 500
/** Name under which all other paths are counted. */
const OTHER = 'other'

/** Counts requests for existing content by path: bounded, whatever paths lead to it. */
export class PathCounts {
  readonly #perSite: number
  #size = 0

  /** @param perSite largest number of distinct paths per host; 0: paths are not counted */
  constructor(perSite: number) {
    this.#perSite = perSite
  }

  add(site: SiteRequests, path: string): void {
    if (this.#perSite === 0) return
    const paths = (site.paths ??= new Map())
    const found = paths.get(path)
    if (found !== undefined) return void found.waiting++
    const hasRoom = paths.size < this.#perSite && this.#size < MAX_PATHS
    if (hasRoom && path.length <= MAX_LENGTH) {
      this.#size++
      paths.set(path, { waiting: 1 })
    } else {
      const others = paths.get(OTHER)
      if (others === undefined) paths.set(OTHER, { waiting: 1 })
      else others.waiting++
    }
  }
}
