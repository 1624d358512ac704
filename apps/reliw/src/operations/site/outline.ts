import {
  type Auth,
  decodeRoutes,
  Entry,
  type Redirect,
  type Routes,
  Settings,
  type Store
} from '@reliw/model'
import { checkPath } from '@reliw/options'
import { type AuthOfHost, authOfSite } from './auth-gaps.ts'
import { type Claim, claimsIn } from './claims.ts'
import type { Site } from './site-document.ts'

/** The parts of one host and how they refer to one another. Files that a request path leads to are left out. */
export interface Outline {
  host: string
  hasProxy: boolean
  /** Ids of the entries that routes lead to; undefined when the host has no routes. */
  routes: Set<string> | undefined
  /** The routes; undefined when they are invalid, too. */
  table: Routes | undefined
  entries: Map<string, EntryOutline>
  /** The names that `SITE` claims, with their fields. */
  claims: readonly Claim[]
  /** Set when an entry needs a login. */
  auth: AuthOfHost | undefined
  /** Files that the site's settings name. */
  errorPages: readonly string[]
  /** Files whose name no request path leads to. */
  files: string[]
  /** Names of `TITLES` that no request path leads to. */
  titles: string[]
  /** Other keys of the host; the server reads them when the host is requested. */
  others: string[]
}

/** The parts of an entry that decide whether anything leads to a file or to a login page. */
interface EntryOutline {
  /** Files that the entry names. */
  files: readonly string[]
  /** Whether the names that the entry leads to are unknown, as with gsub. */
  isOpen: boolean
  /** Whether the entry accepts a session, or is the login page. */
  login: 'needed' | 'page' | undefined
  redirect: Redirect | undefined
}

export function emptyOutline(host: string): Outline {
  return {
    host,
    hasProxy: false,
    routes: undefined,
    table: undefined,
    entries: new Map(),
    claims: [],
    auth: undefined,
    errorPages: [],
    files: [],
    titles: [],
    others: []
  }
}

export function outlineOfSite(keys: Store['keys'], site: Site): Outline {
  return {
    host: site.host,
    hasProxy: site.proxy !== undefined,
    routes: site.routes && routesIn(site.routes),
    table: tableIn(site.routes),
    entries: new Map(Object.entries(site.entries).map(([id, entry]) => [id, entryIn(entry)])),
    claims: claimsIn(site.settings),
    auth: authOfSite(keys, site),
    errorPages: errorPagesIn(site.settings),
    files: Object.keys(site.files).filter((name) => !isPath(name)),
    titles: Object.keys(site.titles).filter((name) => !isPath(name)),
    others: []
  }
}

/** Ids of the entries that routes lead to. */
export function routesIn(routes: unknown): Set<string> {
  const list = Array.isArray(routes) ? (routes as unknown[]) : []
  return new Set(list.map((route) => (Array.isArray(route) ? String(route[1]) : '')))
}

/** The routes, ready to be matched; undefined when there are none, or they are invalid. */
export function tableIn(routes: unknown): Routes | undefined {
  try {
    return decodeRoutes('', Buffer.from(JSON.stringify(routes)))
  } catch {
    return undefined
  }
}

export function entryIn(entry: unknown): EntryOutline {
  const { data } = Entry.safeParse(entry)
  const isOpen = data === undefined || data.gsub !== undefined
  const named = [data?.file, data?.fallback?.file].filter((name) => name !== undefined)
  return { files: named, isOpen, login: loginOf(data?.auth), redirect: data?.redirect }
}

/** Files that settings name as error pages; none where the settings are invalid. */
export function errorPagesIn(settings: unknown): readonly string[] {
  return Object.values(Settings.safeParse(settings).data?.error_pages ?? {})
}

function loginOf(auth: Auth | undefined): EntryOutline['login'] {
  if (auth === undefined) return undefined
  if ('page' in auth) return auth.page === 'login' ? 'page' : undefined
  return auth.any.includes('session') ? 'needed' : undefined
}

/** Whether the name of a file is a valid path, so that a request can reach it. */
export function isPath(name: string): boolean {
  return checkPath(encodeURI(name).replace(/[?#]/g, encodeURIComponent)) === name
}

/**
 * Unused and unreachable parts of a host. These are warnings, not validation issues: missing parts may be added later.
 */
export function* findUnused(
  keys: Store['keys'],
  outline: Outline,
  siteOf: (host: string) => string | undefined = () => undefined
): Iterable<string> {
  const { host, routes, entries, hasProxy } = outline
  if (hasProxy && routes !== undefined)
    yield `${keys.routes(host)}: no effect beside PROXY:${host}, which forwards every request`
  else if (!hasProxy) yield* findLoose(keys, outline)
  if (!hasProxy && routes === undefined && entries.size === 0 && outline.others.length > 0) {
    const site = siteOf(host)
    const why = site === undefined ? '' : `, and is an alias of ${site}`
    yield `${outline.others.join(', ')}: unused: the host has neither API:${host} nor PROXY:${host}${why}`
  }
}

function* findLoose(keys: Store['keys'], outline: Outline): Iterable<string> {
  const { host, routes = new Set<string>(), entries, errorPages, files, titles } = outline
  for (const id of routes) {
    if (id !== '' && !entries.has(id))
      yield `${keys.routes(host)}: a route leads to entry "${id}", which does not exist`
  }
  for (const id of entries.keys()) {
    if (!routes.has(id)) yield `${keys.entry(host, id)}: no route leads to it`
  }
  const all = [...entries.values()]
  yield* findLoginless(keys, outline)
  const isNamed = (name: string): boolean =>
    errorPages.includes(name) || all.some((entry) => entry.isOpen || entry.files.includes(name))
  for (const name of files)
    if (!isNamed(name)) yield `${keys.file(host, name)}: ${notFound(name, keys.file(host, ''))}`
  for (const name of titles) {
    if (!isNamed(name)) yield `${keys.titles(host)} ${name}: ${notFound(name, '')}`
  }
}

/** Entries whose clients would be redirected to a login page that does not exist. */
function* findLoginless(keys: Store['keys'], { host, entries, auth }: Outline): Iterable<string> {
  if (auth === undefined || entries.get(auth.loginEntry ?? '')?.login === 'page') return
  for (const [id, { login }] of entries) {
    // An entry at the path of the login page itself is reported as a validation issue elsewhere.
    if (login === 'needed' && id !== auth.loginEntry)
      yield `${keys.entry(host, id)}: auth: nobody can log in: ${auth.settings.login_path} has no route to an entry with auth {"login": true}`
  }
}

function notFound(name: string, before: string): string {
  const why = 'no path leads to it, and no entry names it'
  const meant = name.startsWith('/') ? '' : `: did you mean ${before}/${name}?`
  return why + meant
}
