import type { FoundRoute, Redirect, Store } from '@reliw/model'
import { checkPath, normalizeHost } from '@reliw/options'
import type { Outline } from './outline.ts'

/** The parts of a host that decide where its redirects lead. */
export type RedirectingHost = Pick<Outline, 'host' | 'hasProxy' | 'table' | 'entries'>

/** Redirects that a client follows at most; browsers give up after as many. */
const MAX_REDIRECTS = 20
/** Texts that stand for captures, of which at least one fits most patterns. */
const SAMPLES = ['x', '1']

/** A page of one of the hosts. */
interface Place {
  host: string
  path: string
}

/**
 * Messages for redirects of hosts that use captures which their route does not have, and for those that lead back to
 * themselves. Loops that only certain paths lead into are not found.
 *
 * @param hosts all that are known, by name
 */
export function findRedirectIssues(
  keys: Store['keys'],
  hosts: ReadonlyMap<string, RedirectingHost>
): string[] {
  const issues = new Set<string>()
  for (const { host, hasProxy, table, entries } of hosts.values()) {
    if (hasProxy || table === undefined) continue
    for (const route of table.all()) {
      const redirect = entries.get(route.entry)?.redirect
      if (redirect === undefined) continue
      const issue = findCapture(route, redirect) ?? findLoop(hosts, host, route, redirect)
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

function findLoop(
  hosts: ReadonlyMap<string, RedirectingHost>,
  host: string,
  route: FoundRoute & { path: string | undefined },
  { to }: Redirect
): string | undefined {
  try {
    const starts =
      route.path === undefined
        ? SAMPLES.map((text) => placeOf(host, to.sample(host, text)))
        : [{ host, path: route.path }]
    const start = starts.find((place) => leadsBack(hosts, place, host, route.entry))
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
function leadsBack(
  hosts: ReadonlyMap<string, RedirectingHost>,
  start: Place | undefined,
  host: string,
  entry: string
): boolean {
  const seen = new Set<string>()
  let isPassed = false
  let place = start
  while (place !== undefined && seen.size < MAX_REDIRECTS) {
    const name = `${place.host}${place.path}`
    if (seen.has(name)) return isPassed
    seen.add(name)
    const { hasProxy = true, table, entries } = hosts.get(place.host) ?? {}
    const route = hasProxy ? undefined : table?.find(place.path)
    const redirect = route && entries?.get(route.entry)?.redirect
    if (route === undefined || redirect === undefined) return false
    if (place.host === host && route.entry === entry) isPassed = true
    place = placeOf(place.host, redirect.to.locate({ ...place, query: '' }, route.pattern))
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
