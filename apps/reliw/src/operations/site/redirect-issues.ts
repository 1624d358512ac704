import type { FoundRoute, Redirect, Store } from '@reliw/model'
import { checkPath, isWildcard, normalizeHost, subdomainOf } from '@reliw/options'
import { ownersOf } from './claims.ts'
import type { Outline } from './outline.ts'

/** The parts of a host that decide where its redirects lead. */
export type RedirectingSite = Pick<
  Outline,
  'host' | 'hasProxy' | 'routes' | 'table' | 'entries' | 'claims'
>

/** Finds the site that serves a host. */
type SiteOf = (host: string) => RedirectingSite | undefined

/** Redirects that a client follows at most; browsers give up after as many. */
const MAX_REDIRECTS = 20
/** Texts that stand for captures, of which at least one fits most patterns. */
const SAMPLES = ['x', '1']

/** What a client requests. */
interface Place {
  host: string
  path: string
}

/**
 * Messages for invalid redirects: a redirect uses a capture that its route does not have, or leads back to itself. Loops
 * that only certain paths lead into are not found.
 *
 * @param sites by name
 * @param areAll whether there are no other sites: else one of them may have a host that a wildcard matches
 */
export function findRedirectIssues(
  keys: Store['keys'],
  sites: ReadonlyMap<string, RedirectingSite>,
  areAll: boolean
): string[] {
  const issues = new Set<string>()
  const siteOf = siteFinder(sites, areAll)
  for (const { host, hasProxy, table, entries } of sites.values()) {
    if (hasProxy || table === undefined) continue
    for (const route of table.all()) {
      const redirect = entries.get(route.entry)?.redirect
      if (redirect === undefined) continue
      const issue = findCapture(route, redirect) ?? findLoop(siteOf, host, route, redirect)
      if (issue !== undefined) issues.add(`${keys.entry(host, route.entry)}: ${issue}`)
    }
  }
  return [...issues]
}

function findCapture({ pattern }: FoundRoute, { to }: Redirect): string | undefined {
  const capture = `%${to.captures}`
  try {
    if (to.captures > 0) pattern?.checkReplacement(capture)
    if (pattern !== undefined || to.captures < 2) return undefined
  } catch {
    // The pattern has fewer captures.
  }
  return `redirect.to uses ${capture}, but a route that leads to it has fewer captures`
}

/** Finds sites by their own names and aliases, and by wildcards as well where these are all sites. */
function siteFinder(sites: ReadonlyMap<string, RedirectingSite>, areAll: boolean): SiteOf {
  const owners = ownersOf(sites)
  return (host) => {
    const own = sites.get(host)
    if (own?.routes !== undefined || own?.hasProxy === true) return own
    const alias = sites.get(owners.get(host) ?? '')
    if (alias !== undefined || !areAll) return alias
    for (let name = widerThan(host); name !== undefined; name = widerThan(name)) {
      const found = sites.get(name) ?? sites.get(owners.get(name) ?? '')
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** The next wildcard that a host matches: `*.b.c` for `a.b.c`, then `*.c`, then `*`. */
function widerThan(name: string): string | undefined {
  if (name === '*') return undefined
  const domain = isWildcard(name) ? name.slice(2) : name
  const dot = domain.indexOf('.')
  return dot === -1 ? '*' : `*${domain.slice(dot)}`
}

function findLoop(
  siteOf: SiteOf,
  site: string,
  route: FoundRoute & { path: string | undefined },
  { to }: Redirect
): string | undefined {
  // A host that the wildcard matches.
  const host = isWildcard(site) ? `x${site.slice(1)}` : site
  try {
    const starts =
      route.path === undefined
        ? SAMPLES.map((text) => placeOf(host, to.sample(host, text)))
        : [{ host, path: route.path }]
    const start = starts.find((place) => leadsBack(siteOf, place, site, route.entry))
    if (start === undefined) return undefined
    const at = start.host === host ? start.path : `${start.host}${start.path}`
    const why = `redirect.to leads back to itself: clients at ${at} would be redirected forever`
    const isSame = to.scheme === 'https' && start.host === host
    return isSame ? `${why}; did you mean "https": "redirect" in the settings?` : why
  } catch {
    // A pattern exhausted its budget, or the location is too long: requests report that.
    return undefined
  }
}

/** Whether a client at a place is redirected forever, by that entry among others. */
function leadsBack(siteOf: SiteOf, start: Place | undefined, site: string, entry: string): boolean {
  const seen = new Set<string>()
  let isPassed = false
  let place = start
  while (place !== undefined && seen.size < MAX_REDIRECTS) {
    const name = `${place.host}${place.path}`
    if (seen.has(name)) return isPassed
    seen.add(name)
    const { host = '', hasProxy = true, table, entries } = siteOf(place.host) ?? {}
    const route = hasProxy ? undefined : table?.find(place.path)
    const redirect = route && entries?.get(route.entry)?.redirect
    if (route === undefined || redirect === undefined) return false
    if (host === site && route.entry === entry) isPassed = true
    const subdomain = subdomainOf(place.host, isWildcard(host) ? host : undefined)
    place = placeOf(
      place.host,
      redirect.to.locate({ ...place, subdomain, query: '' }, route.pattern)
    )
  }
  return isPassed && place !== undefined
}

/** Where a location on a host leads; undefined for a port of its own, which may be another server's. */
function placeOf(host: string, location: string): Place | undefined {
  const name = host.includes(':') ? `[${host}]` : host
  const url = new URL(location, `http://${name}`)
  const found = url.port === '' ? normalizeHost(url.host) : undefined
  const path = checkPath(url.pathname)
  return found === undefined || path === undefined ? undefined : { host: found, path }
}
