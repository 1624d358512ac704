/** Name of hosts that are not sites. */
export const UNKNOWN = 'unknown'
/** Name of sites beyond the largest number that is told apart. */
export const OTHER = 'other'

/** Whether a host is a site; a promise if that must be looked up. */
export type IsSite = (host: string) => boolean | Promise<boolean>

/**
 * Names of hosts for metrics: bounded, whatever hosts clients name. A new site is `unknown` until it has been looked
 * up, usually during its first request.
 */
export class Hosts {
  readonly #isSite: IsSite
  readonly #max: number
  readonly #known = new Set<string>()

  constructor(isSite: IsSite, max: number) {
    this.#isSite = isSite
    this.#max = max
  }

  /** The host itself, `other` or `unknown`. Never throws. */
  nameOf(host: string): string {
    if (this.#known.has(host)) return host
    return host !== '' && this.#isKnownSite(host) ? this.#add(host) : UNKNOWN
  }

  #isKnownSite(host: string): boolean {
    try {
      const isSite = this.#isSite(host)
      if (!(isSite instanceof Promise)) return isSite
      isSite.then((is) => is && this.#add(host)).catch(() => undefined)
    } catch {
      // The store is unavailable: the host stays unknown.
    }
    return false
  }

  #add(host: string): string {
    if (this.#known.size >= this.#max) return OTHER
    this.#known.add(host)
    return host
  }
}
