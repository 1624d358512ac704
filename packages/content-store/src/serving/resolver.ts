import {
  type Entry,
  InvalidValue,
  type Live,
  type Reader,
  type Store,
  type View
} from '@reliw/model'
import type { Disk, FoundFile } from '../files/disk.ts'
import { isSameFile, type OpenFile } from '../files/open-within.ts'
import { mediaType } from '../rendering/media-type.ts'
import {
  allowHeader,
  type Resolution,
  isLoginPage,
  type LargeFile,
  NO_SITE,
  type Representation
} from './resolution.ts'
import type { Bodies, CachedContent } from './bodies.ts'
import { Body } from './body.ts'
import { bounded } from './bounded.ts'
import { withEntry } from './entry-fault.ts'
import { Locator, type Target } from './locator.ts'
import type { PageRenderer } from './page-renderer.ts'
import { describe, describeLarge } from './representation.ts'
import { UpstreamRoutes } from './upstream-routes.ts'

/** Begins the paths of ACME HTTP-01 tokens (RFC 8555 8.3). */
export const CHALLENGE = '/.well-known/acme-challenge/'

export interface ResolverParts {
  store: Store
  disk: Disk
  bodies: Bodies
  pageRenderer: PageRenderer
  /** Files above this size, in bytes, are not cached. */
  maxCachedSize: number
}

/** Memory of a cached result without its content, in bytes. */
const RESOLUTION_BYTES = 1500
/** Maximum number of times that a file is read while it is being written. */
const MAX_ATTEMPTS = 3

/** Resolves paths of hosts. Cached results are returned without a promise. */
export class Resolver {
  readonly #parts: ResolverParts
  readonly #resolutions: View<Resolution>
  readonly #upstreams: UpstreamRoutes
  readonly #locator: Locator

  constructor(parts: ResolverParts) {
    this.#parts = parts
    this.#upstreams = new UpstreamRoutes(parts.store)
    this.#locator = new Locator(parts.bodies, parts.disk)
    this.#resolutions = parts.store.view<Resolution>(
      async (key, reader) => this.#resolveKey(key, reader),
      ({ kind }) => kind !== 'refusal',
      (resolution) => ({ ...resolution, isStale: true })
    )
  }

  /**
   * Throws, or rejects with, StoreUnavailable, or InvalidValue when a stored value is invalid; `entryOf` gives the
   * entry that the error is about.
   */
  resolve(host: string, path: string): Live<Resolution> {
    const marked = path.startsWith(CHALLENGE) ? undefined : this.#upstreams.marked(host)
    if (marked !== undefined) {
      const { keys } = this.#parts.store
      const found = bounded(keys.routes(host), () => this.#upstreams.find(host, marked, path))
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
    return bounded(keys.routes(host), () => this.#upstreams.findForReadings(host, readings))
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
    return describe(body, { entry, type, lastModified: opened.modified })
  }

  /** Invalidates what was made from a large file that has changed or gone. */
  invalidate({ identity }: LargeFile): void {
    this.#parts.store.changed(identity)
  }

  async #resolveKey(key: string, reader: Reader): Promise<Resolution> {
    const at = key.indexOf('\n')
    const host = key.slice(0, at)
    const path = key.slice(at + 1)
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
    const id = bounded(keys.routes(host), () => routes.match(path))
    if (id === undefined) return refuse(404, 'no route')
    const entry = await sites.entry(host, id, reader)
    if (entry === undefined) throw new InvalidValue(keys.routes(host), `there is no entry "${id}"`)
    if (isLoginPage(entry)) return { kind: 'login', entry, allow: allowHeader(entry) }
    const upstream = this.#upstreams.resolve(routes, entry)
    if (upstream !== undefined) {
      reader.doubt()
      return upstream
    }
    try {
      return await this.#open({ host, path, key: keys.entry(host, id) }, entry, reader)
    } catch (error) {
      throw error instanceof Error ? withEntry(error, entry) : error
    }
  }

  /** An ACME HTTP-01 token, which takes precedence over the routes (RFC 8555 8.3). */
  async #challenge(host: string, path: string, reader: Reader): Promise<Resolution | undefined> {
    const token = await this.#parts.store.sites.data(host, path.slice(1), reader)
    if (token === undefined) return undefined
    const entry: Entry = { methods: { GET: true }, headers: {}, error: {}, try_extensions: [] }
    const body = new Body(token, false)
    const representation = describe(body, { entry, type: 'application/octet-stream' })
    return {
      kind: 'content',
      responseKind: 'file',
      entry,
      allow: allowHeader(entry),
      representation
    }
  }

  async #open(target: Target, entry: Entry, reader: Reader): Promise<Resolution> {
    const { host, path } = target
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const found = await this.#locator.locate(target, entry, reader)
      if (found === 'directory' && !path.endsWith('/') && entry.index && !entry.file) {
        return { kind: 'redirect', entry, allow: allowHeader(entry), location: withSlash(path) }
      }
      if (found === 'unreadable') return refuse(500, 'the file cannot be read', entry)
      if (typeof found === 'string') return refuse(404, 'no file', entry)
      if ('content' in found) return this.#present(host, found.name, entry, found.content, reader)
      const { file, name } = found
      if (file.size > this.#parts.maxCachedSize) {
        this.#parts.store.dependOn(reader, file.identity)
        reader.weigh(RESOLUTION_BYTES)
        return large(entry, file)
      }
      const content = await this.#parts.bodies.file(file, reader)
      if (content !== undefined) return this.#present(host, name, entry, content, reader)
    }
    reader.doubt()
    return refuse(500, 'the file changes faster than it can be read', entry)
  }

  async #present(
    host: string,
    name: string,
    entry: Entry,
    content: CachedContent,
    reader: Reader
  ): Promise<Resolution> {
    reader.weigh(RESOLUTION_BYTES)
    const { body, type, modified } = content
    if (type.startsWith('application/lua'))
      return refuse(501, 'Lua pages are not available yet', entry)
    const allow = allowHeader(entry)
    if (!this.#parts.pageRenderer.isSource(type)) {
      const representation = describe(body, { entry, type, lastModified: modified })
      return { kind: 'content', responseKind: 'file', entry, allow, representation }
    }
    const vary = 'Accept'
    const rendered = await this.#parts.pageRenderer.render(host, name, entry, content, reader)
    const representation = describe(rendered, { entry, type: 'text/html; charset=utf-8', vary })
    const source = describe(body, { entry, type, vary, lastModified: modified })
    return { kind: 'content', responseKind: 'page', entry, allow, representation, source }
  }
}

function large(entry: Entry, file: FoundFile): Resolution {
  const type = mediaType(file.segments.at(-1) ?? '')
  if (type.startsWith('application/lua'))
    return refuse(501, 'Lua pages are not available yet', entry)
  const representation = describe(describeLarge(file), { entry, type, lastModified: file.modified })
  return { kind: 'content', responseKind: 'file', entry, allow: allowHeader(entry), representation }
}

/** The path with a slash, for a redirect. security: a path that begins with "//" would redirect to another host. */
function withSlash(path: string): string {
  return `${encodeURI(path.replace(/^\/+/, '/')).replace(/[?#]/g, encodeURIComponent)}/`
}

function refuse(status: 404 | 500 | 501, reason: string, entry?: Entry): Resolution {
  return entry === undefined
    ? { kind: 'refusal', status, reason }
    : { kind: 'refusal', status, reason, entry }
}
