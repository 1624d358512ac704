import { type Auth, Entry, type Store } from '@reliw/model'
import { checkPath } from '@reliw/options'
import { type AuthOfHost, authOfSite } from './auth-gaps.ts'
import type { Site } from './site-document.ts'

/** What one host has, as far as one thing leads to another. Names of files that a path leads to are left out. */
export interface Outline {
  host: string
  hasProxy: boolean
  /** Entries that routes name; undefined: the host has no routes. */
  routes: Set<string> | undefined
  entries: Map<string, EntryOutline>
  /** Known where an entry needs a login. */
  auth: AuthOfHost | undefined
  /** Files that no path of a request leads to. */
  files: string[]
  /** The same of `TITLES`. */
  titles: string[]
  /** Its keys of other kinds, which are looked at when the host is asked for. */
  others: string[]
}

/** What may lead to a file whose name is no path. */
interface EntryOutline {
  file: string | undefined
  /** Whether the names that it leads to cannot be told. */
  isOpen: boolean
  /** Whether it lets in who has a session, or is the page where one begins. */
  login: 'needed' | 'page' | undefined
}

export function emptyOutline(host: string): Outline {
  return {
    host,
    hasProxy: false,
    routes: undefined,
    entries: new Map(),
    auth: undefined,
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
    entries: new Map(Object.entries(site.entries).map(([id, entry]) => [id, entryIn(entry)])),
    auth: authOfSite(keys, site),
    files: Object.keys(site.files).filter((name) => !isPath(name)),
    titles: Object.keys(site.titles).filter((name) => !isPath(name)),
    others: []
  }
}

/** The entries that routes lead to. */
export function routesIn(routes: unknown): Set<string> {
  const list = Array.isArray(routes) ? (routes as unknown[]) : []
  return new Set(list.map((route) => (Array.isArray(route) ? String(route[1]) : '')))
}

export function entryIn(entry: unknown): EntryOutline {
  const { data } = Entry.safeParse(entry)
  const isOpen = data === undefined || data.gsub !== undefined
  return { file: data?.file, isOpen, login: loginOf(data?.auth) }
}

function loginOf(auth: Auth | undefined): EntryOutline['login'] {
  if (auth === undefined) return undefined
  if ('page' in auth) return auth.page === 'login' ? 'page' : undefined
  return auth.any.includes('session') ? 'needed' : undefined
}

/** Whether a request can ask for a file by its name: its path is the name. */
export function isPath(name: string): boolean {
  return checkPath(encodeURI(name).replace(/[?#]/g, encodeURIComponent)) === name
}

/** What is stored and leads to nothing, or is led to by nothing: no mistake, since the rest may follow. */
export function* findUnused(keys: Store['keys'], outline: Outline): Iterable<string> {
  const { host, routes, entries, hasProxy } = outline
  if (hasProxy && routes !== undefined)
    yield `${keys.routes(host)}: no effect beside PROXY:${host}, which answers every path`
  else if (!hasProxy) yield* findLoose(keys, outline)
  if (!hasProxy && routes === undefined && entries.size === 0 && outline.others.length > 0) {
    yield `${outline.others.join(', ')}: nothing is served: there is neither API:${host} nor PROXY:${host}`
  }
}

function* findLoose(keys: Store['keys'], outline: Outline): Iterable<string> {
  const { host, routes = new Set<string>(), entries, files, titles } = outline
  for (const id of routes) {
    if (id !== '' && !entries.has(id)) yield `${keys.routes(host)}: there is no entry "${id}"`
  }
  for (const id of entries.keys()) {
    if (!routes.has(id)) yield `${keys.entry(host, id)}: no route leads to it`
  }
  const all = [...entries.values()]
  yield* findLoginless(keys, outline)
  const isNamed = (name: string): boolean => all.some(({ file, isOpen }) => isOpen || file === name)
  for (const name of files)
    if (!isNamed(name)) yield `${keys.file(host, name)}: ${notFound(name, keys.file(host, ''))}`
  for (const name of titles) {
    if (!isNamed(name)) yield `${keys.titles(host)} ${name}: ${notFound(name, '')}`
  }
}

/** Entries whose clients are sent to a login page that is not there. */
function* findLoginless(keys: Store['keys'], { host, entries, auth }: Outline): Iterable<string> {
  if (auth === undefined || entries.get(auth.loginEntry ?? '')?.login === 'page') return
  for (const [id, { login }] of entries) {
    // What answers the path of the login page itself is a mistake, and named as one.
    if (login === 'needed' && id !== auth.loginEntry)
      yield `${keys.entry(host, id)}: auth: nobody can log in: no route leads ${auth.settings.login_path} to an entry with auth {"login": true}`
  }
}

function notFound(name: string, before: string): string {
  const why = 'no path leads to it, and no entry names it'
  const meant = name.startsWith('/') ? '' : `: did you mean ${before}/${name}?`
  return why + meant
}
