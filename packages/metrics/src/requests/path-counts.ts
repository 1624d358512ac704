import type { SiteRequests } from './site-requests.ts'

/** Different paths of all hosts together. */
const MAX_PATHS = 20_000
/** Longer ones are not told apart; in characters. */
const MAX_LENGTH = 500
/** What paths beyond these are counted as. */
const OTHER = 'other'

/** Counts requests by path, of what was there: bounded whatever paths lead to it. */
export class PathCounts {
  readonly #perSite: number
  #size = 0

  /** @param perSite different paths of one host; 0: none are counted */
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
