/** What is told of hosts that are no sites. */
export const UNKNOWN = 'unknown'
/** What is told of sites beyond those that there is room for. */
export const OTHER = 'other'

/** Whether a host is a site; a promise where that has to be asked. */
export type IsSite = (host: string) => boolean | Promise<boolean>

/**
 * Names for hosts that are shown outside: bounded, whatever hosts clients ask for. A site that nobody knew yet is
 * unknown until that is found out, as a rule with its first request.
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
    return host !== '' && this.#asks(host) ? this.#add(host) : UNKNOWN
  }

  #asks(host: string): boolean {
    try {
      const isSite = this.#isSite(host)
      if (!(isSite instanceof Promise)) return isSite
      isSite.then((is) => is && this.#add(host)).catch(() => undefined)
    } catch {
      // The store is away: what is not known stays unknown.
    }
    return false
  }

  #add(host: string): string {
    if (this.#known.size >= this.#max) return OTHER
    this.#known.add(host)
    return host
  }
}
