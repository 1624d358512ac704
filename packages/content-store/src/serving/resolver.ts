import {
  coversPath,
  type Entry,
  InvalidValue,
  type Live,
  type Reader,
  type Routes,
  type View
} from '@reliw/model'
import { isSameFile, type OpenFile } from '../files/open-within.ts'
import { MAX_SPELLINGS, spellings } from '../files/spellings.ts'
import { mediaType } from '../rendering/media-type.ts'
import {
  allowHeader,
  type ContentResolution,
  type Resolution,
  isLoginPage,
  type LargeFile,
  NO_SITE,
  type Refusal,
  type Representation
} from './resolution.ts'
import { Body } from './body.ts'
import { bounded } from './bounded.ts'
import { ContentLoader, type ContentLoaderParts, refuse } from './content-loader.ts'
import { withEntry } from './entry-fault.ts'
import type { Listings } from './listings.ts'
import { Locator, type Lookup, type Target } from './locator.ts'
import { describe, describeLarge } from './representation.ts'
import { UncachedRoutes } from './uncached-routes.ts'

/** Begins the paths of ACME HTTP-01 tokens (RFC 8555 8.3). */
export const CHALLENGE = '/.well-known/acme-challenge/'

export interface ResolverParts extends ContentLoaderParts {
  listings: Listings
}

/** The entry of content to which no route leads. */
const PLAIN: Entry = {
  methods: { GET: true },
  headers: { content: {}, rules: undefined },
  error: {},
  try_extensions: []
}

/** Resolves paths of hosts. Cached results are returned without a promise. */
export class Resolver {
  readonly #parts: ResolverParts
  readonly #resolutions: View<Resolution>
  readonly #fallbacks: View<ContentResolution | Refusal | undefined>
  readonly #files: View<ContentResolution | Refusal | undefined>
  readonly #uncached: UncachedRoutes
  readonly #locator: Locator
  readonly #loader: ContentLoader

  constructor(parts: ResolverParts) {
    this.#parts = parts
    this.#uncached = new UncachedRoutes(parts.store)
    this.#locator = new Locator(parts.bodies, parts.disk)
    this.#loader = new ContentLoader(parts)
    this.#resolutions = parts.store.view<Resolution>(
      async (key, reader) => this.#resolveKey(key, reader),
      ({ kind }) => kind !== 'refusal',
      (resolution) => ({ ...resolution, isStale: true })
    )
    // One for each entry, not for each path: clients can make up paths, and a page would be rendered for each.
    this.#fallbacks = parts.store.view(async (key, reader) => this.#openFallback(key, reader))
    this.#files = parts.store.view(async (key, reader) => this.#openFile(key, reader))
  }

  /**
   * Throws, or rejects with, StoreUnavailable, or InvalidValue when a stored value is invalid; `entryOf` gives the
   * entry that the error is about.
   */
  resolve(host: string, path: string): Live<Resolution> {
    const marked = path.startsWith(CHALLENGE) ? undefined : this.#uncached.marked(host)
    if (marked !== undefined) {
      const { keys } = this.#parts.store
      const found = bounded(keys.routes(host), () => this.#uncached.find(host, marked, path))
      if (found !== undefined) return found
    }
    return this.#resolutions.get(`${host}\n${path}`)
  }

  /**
   * The upstream that all readings of a path lead to; undefined when they do not agree, or lead to something else.
   * Throws, or rejects, as {@link resolve} does.
   */
  resolveReadings(host: string, readings: readonly string[]): Live<Resolution | undefined> {
    const { keys } = this.#parts.store
    return bounded(keys.routes(host), () => this.#uncached.findForReadings(host, readings))
  }

  /**
   * The representation of a large file that was written to after its path was resolved: of the file as it was opened,
   * at the size that it had then. So a file that is being appended to can be served. Undefined when another entry, or
   * another file, now has the path.
   */
  async describeChanged(
    { host, path }: { host: string; path: string },
    entry: Entry,
    opened: OpenFile
  ): Promise<Representation | undefined> {
    const now = await this.resolve(host, path)
    // security: admission was checked for this entry before the file was opened, so the entry must still have the path
    // now.
    if (now.kind !== 'content' || now.entry !== entry || now.representation.body instanceof Body)
      return undefined
    const { root, segments, identity } = now.representation.body
    if (!isSameFile(identity, opened.identity)) return undefined
    const type = mediaType(segments.at(-1) ?? '')
    const body = describeLarge({ ...opened, root, segments })
    const { isFallback, representation } = now
    const { precompressed } = representation
    return describe(body, {
      entry: isFallback ? uncached(entry) : entry,
      type,
      lastModified: opened.modified,
      ...(precompressed && { precompressed })
    })
  }

  /**
   * A file of a host by its name, whatever the routes are; undefined when there is none. Throws, or rejects with, the
   * errors of `resolve`.
   */
  file(host: string, name: string): Live<ContentResolution | Refusal | undefined> {
    return this.#files.get(`${host}\n${name}`)
  }

  /** Invalidates what was made from a large file that has changed or gone. */
  invalidate({ identity }: LargeFile): void {
    this.#parts.store.changed(identity)
  }

  async #resolveKey(key: string, reader: Reader): Promise<Resolution> {
    const [host, path] = splitKey(key)
    const { sites, keys } = this.#parts.store
    if (path.startsWith(CHALLENGE)) {
      const challenge = await this.#challenge(host, path, reader)
      if (challenge !== undefined) return challenge
    }
    const [proxy, routes] = await Promise.all([
      sites.proxy(host, reader),
      sites.routes(host, reader)
    ])
    if (proxy !== undefined)
      return refuse(501, 'the host has an upstream, but this server has no proxy')
    if (routes === undefined) return refuse(404, NO_SITE)
    const route = bounded(keys.routes(host), () => routes.find(path))
    if (route === undefined) return refuse(404, 'no route')
    const { entry: id } = route
    const entry = await sites.entry(host, id, reader)
    if (entry === undefined) throw new InvalidValue(keys.routes(host), `there is no entry "${id}"`)
    if (isLoginPage(entry)) return { kind: 'login', entry, allow: allowHeader(entry) }
    const elsewhere = this.#uncached.resolve(routes, route, entry)
    if (elsewhere !== undefined) {
      reader.doubt()
      return elsewhere
    }
    try {
      const isExact = !this.#isSameInAnyForm(keys.routes(host), routes, path, id)
      const target = { host, path, id, key: keys.entry(host, id), isExact }
      return await this.#open(target, entry, reader)
    } catch (error) {
      throw error instanceof Error ? withEntry(error, entry) : error
    }
  }

  /**
   * Whether the path leads to the same entry in every Unicode form. security: otherwise the rules of an entry could be
   * bypassed by a path in another form, which leads to an entry without rules and to the same file.
   */
  #isSameInAnyForm(key: string, routes: Routes, path: string, id: string): boolean {
    const forms = spellings(path.split('/'))
    if (forms.length === MAX_SPELLINGS) return false
    return forms.every((one) => bounded(key, () => routes.find(one.join('/')))?.entry === id)
  }

  /** An ACME HTTP-01 token, which takes precedence over the routes (RFC 8555 8.3). */
  async #challenge(host: string, path: string, reader: Reader): Promise<Resolution | undefined> {
    const token = await this.#parts.store.sites.data(host, path.slice(1), reader)
    if (token === undefined) return undefined
    const body = new Body(token, false)
    const representation = describe(body, { entry: PLAIN, type: 'application/octet-stream' })
    return {
      kind: 'content',
      responseKind: 'file',
      entry: PLAIN,
      allow: allowHeader(PLAIN),
      representation
    }
  }

  async #open(target: Target, entry: Entry, reader: Reader): Promise<Resolution> {
    const { host, path, id } = target
    const { file, index, fallback, listing } = entry
    const locate = async (): Promise<Lookup> => this.#locator.locate(target, entry, reader)
    const found = await this.#loader.load(host, entry, locate, reader)
    if (typeof found !== 'string') return found
    if (file !== undefined) return refuse(404, 'no file', entry)
    if (found === 'directory' && !path.endsWith('/') && (index || listing)) {
      return { kind: 'directory', entry, allow: allowHeader(entry), location: withSlash(path) }
    }
    if (listing && path.endsWith('/') && (await this.#parts.listings.has(host, path, reader)))
      return { kind: 'listing', entry, allow: allowHeader(entry), id, path }
    if (fallback === undefined || !coversPath(fallback, path)) return refuse(404, 'no file', entry)
    const shell = await this.#fallbacks.get(`${host}\n${id}`, reader)
    if (shell === undefined) return refuse(404, 'no file, and no fallback', entry)
    if (shell.kind === 'refusal') return refuse(shell.status, shell.reason, entry)
    // security: access is decided by the entry that the route leads to.
    return { ...shell, entry, allow: allowHeader(entry) }
  }

  /** The fallback of an entry; undefined when there is no such file. */
  async #openFallback(
    key: string,
    reader: Reader
  ): Promise<ContentResolution | Refusal | undefined> {
    const [host, id] = splitKey(key)
    const entry = await this.#parts.store.sites.entry(host, id, reader)
    const { file } = entry?.fallback ?? {}
    if (entry === undefined || file === undefined) return undefined
    const locate = async (): Promise<Lookup> => this.#locator.lookUp(host, file, reader)
    const found = await this.#loader.load(host, uncached(entry), locate, reader)
    if (typeof found === 'string') return undefined
    return found.kind === 'content' ? { ...found, isFallback: true } : found
  }

  async #openFile(key: string, reader: Reader): Promise<ContentResolution | Refusal | undefined> {
    const [host, name] = splitKey(key)
    const locate = async (): Promise<Lookup> => this.#locator.lookUp(host, name, reader)
    const found = await this.#loader.load(host, PLAIN, locate, reader)
    return typeof found === 'string' ? undefined : found
  }
}

/** The host, and the rest, of the key of a view. */
function splitKey(key: string): [string, string] {
  const at = key.indexOf('\n')
  return [key.slice(0, at), key.slice(at + 1)]
}

/** The path with a slash, for a redirect. security: a path that begins with "//" would redirect to another host. */
function withSlash(path: string): string {
  return `${encodeURI(path.replace(/^\/+/, '/')).replace(/[?#]/g, encodeURIComponent)}/`
}

/**
 * The entry as a fallback is described by it: clients may cache files for long, whose names change with their content,
 * but not the page that names them.
 */
function uncached(entry: Entry): Entry {
  const { content, rules } = entry.headers
  const others = Object.entries(content).filter(([name]) => name.toLowerCase() !== 'cache-control')
  const headers = { content: Object.fromEntries(others), rules }
  return { ...entry, cache_control: undefined, headers }
}
