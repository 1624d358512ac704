import { isIP } from 'node:net'
import { EVERY_HOST } from '@reliw/model'
import { type HostSite, isWildcard, normalizeHost, subdomainOf } from '@reliw/options'

/** The further names that a site claims. */
export interface Claimed {
  readonly aliases: readonly string[]
  readonly redirect_aliases: readonly string[]
}

/** The claim of a site to a name. */
interface Claim {
  readonly site: string
  readonly redirects: boolean
}

/**
 * The wildcards and aliases of all sites. Of several sites with the same alias the first by name has it, whatever the
 * order in which they were stored.
 */
export class NameIndex {
  /** Incremented with every change. */
  generation = 0
  /** Wildcards that have routes or an upstream. */
  readonly #wildcards = new Set<string>()
  readonly #claimed = new Map<string, Claimed>()
  /** The claims to each name, in the order of the sites' names. */
  readonly #claims = new Map<string, Claim[]>()

  /** Sites with wildcards or aliases. */
  get sites(): Iterable<string> {
    return new Set([...this.#wildcards, ...this.#claimed.keys()])
  }

  /** Records whether a wildcard has routes or an upstream. */
  setWildcard(name: string, exists: boolean): void {
    if (this.#wildcards.has(name) === exists) return
    if (exists) this.#wildcards.add(name)
    else this.#wildcards.delete(name)
    this.generation++
  }

  /** Records the names that a site claims; undefined: none. */
  setClaimed(site: string, claimed: Claimed | undefined): void {
    const before = this.#claimed.get(site)
    if (isSame(before, claimed)) return
    for (const name of namesIn(before)) this.#removeClaim(name, site)
    if (claimed === undefined) this.#claimed.delete(site)
    else this.#claimed.set(site, claimed)
    for (const name of claimed?.redirect_aliases ?? []) this.#addClaim(name, site, true)
    for (const name of claimed?.aliases ?? []) this.#addClaim(name, site, false)
    this.generation++
  }

  /** Whether a site claims names: it is then a site of its own, even without routes. */
  claims(site: string): boolean {
    return this.#claimed.has(site)
  }

  /** The site of a host that is not a site of its own. */
  find(host: string): HostSite | undefined {
    return this.#claimed.size === 0 && this.#wildcards.size === 0 ? undefined : this.#find(host)
  }

  #find(host: string): HostSite | undefined {
    const exact = this.#siteBy(host, host)
    if (exact !== undefined) return exact
    if (isIP(host) === 0) {
      for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
        const wildcard = `*${host.slice(dot)}`
        if (this.#wildcards.has(wildcard) || this.#claimed.has(wildcard))
          return { name: wildcard, wildcard, redirect: undefined }
        const found = this.#siteBy(wildcard, host)
        if (found !== undefined) return found
      }
    }
    return this.#siteBy(EVERY_HOST, host)
  }

  /** The site that has a host by an alias. */
  #siteBy(alias: string, host: string): HostSite | undefined {
    for (const { site, redirects } of this.#claims.get(alias) ?? []) {
      const wildcard = alias === host ? undefined : alias
      if (!redirects) return { name: site, wildcard, redirect: undefined }
      const redirect = isWildcard(site) ? moved(host, wildcard, site) : site
      if (redirect !== undefined) return { name: site, wildcard, redirect }
    }
    return undefined
  }

  #addClaim(name: string, site: string, redirects: boolean): void {
    const claims = (this.#claims.get(name) ?? []).filter((claim) => claim.site !== site)
    claims.push({ site, redirects })
    this.#claims.set(
      name,
      claims.toSorted((a, b) => (a.site < b.site ? -1 : 1))
    )
  }

  #removeClaim(name: string, site: string): void {
    const claims = (this.#claims.get(name) ?? []).filter((claim) => claim.site !== site)
    if (claims.length === 0) this.#claims.delete(name)
    else this.#claims.set(name, claims)
  }
}

/** The host below the domain of the wildcard `site` that corresponds to a host; undefined where there is none. */
function moved(host: string, wildcard: string | undefined, site: string): string | undefined {
  if (wildcard === undefined || !isWildcard(wildcard)) return undefined
  return normalizeHost(subdomainOf(host, wildcard) + site.slice(1))
}

function namesIn(claimed: Claimed | undefined): string[] {
  return claimed === undefined ? [] : [...claimed.aliases, ...claimed.redirect_aliases]
}

function isSame(one: Claimed | undefined, other: Claimed | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return (
    one.aliases.join() === other.aliases.join() &&
    one.redirect_aliases.join() === other.redirect_aliases.join()
  )
}
