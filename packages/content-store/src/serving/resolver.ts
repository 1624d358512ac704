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
import { allowed, type Answer, isPage, type LargeFile, type Representation } from './answer.ts'
import type { Bodies, KeptContent } from './bodies.ts'
import { Body } from './body.ts'
import { bounded } from './bounded.ts'
import { withEntry } from './entry-fault.ts'
import { Locator, type Target } from './locator.ts'
import type { Pages } from './pages.ts'
import { describe, describeLarge } from './representation.ts'
import { UpstreamRoutes } from './upstream-routes.ts'

const CHALLENGE = '/.well-known/acme-challenge/'

export interface ResolverParts {
  store: Store
  disk: Disk
  bodies: Bodies
  pages: Pages
  /** Files above this size, in bytes, are not cached. */
  maxKept: number
}

/** Memory of a cached result without its content, in bytes. */
const ANSWER_BYTES = 1500
/** Maximum number of times that a file is read while it is being written. */
const MAX_ATTEMPTS = 3

/** Resolves paths of hosts. Cached results are returned without a promise. */
export class Resolver {
  readonly #parts: ResolverParts
  readonly #answers: View<Answer>
  readonly #upstreams: UpstreamRoutes
  readonly #locator: Locator

  constructor(parts: ResolverParts) {
    this.#parts = parts
    this.#upstreams = new UpstreamRoutes(parts.store)
    this.#locator = new Locator(parts.bodies, parts.disk)
    this.#answers = parts.store.view<Answer>(
      async (key, reader) => this.#resolve(key, reader),
      ({ kind }) => kind !== 'refusal',
      (answer) => ({ ...answer, isStale: true })
    )
  }

  /**
   * Throws, or rejects with, StoreUnavailable, or InvalidValue when a stored value is invalid; `entryOf` gives the
   * entry that the error is about.
   */
  answer(host: string, path: string): Live<Answer> {
    const marked = path.startsWith(CHALLENGE) ? undefined : this.#upstreams.marked(host)
    if (marked !== undefined) {
      const { keys } = this.#parts.store
      const found = bounded(keys.routes(host), () => this.#upstreams.find(host, marked, path))
      if (found !== undefined) return found
    }
    return this.#answers.get(`${host}\n${path}`)
  }

  /**
   * The upstream that all readings of a path lead to; undefined when they do not agree, or lead to something else.
   * Throws, or rejects, as {@link answer} does.
   */
  forwarded(host: string, readings: readonly string[]): Live<Answer | undefined> {
    const { keys } = this.#parts.store
    return bounded(keys.routes(host), () => this.#upstreams.findAlike(host, readings))
  }

  /**
   * The representation of a large file that was written to after its path was resolved: of the file as it was opened,
   * at the size that it had then. So a file that is being appended to can be served. Undefined when another entry, or
   * another file, now has the path.
   */
  async grown(
    { host, path }: { host: string; path: string },
    entry: Entry,
    opened: OpenFile
  ): Promise<Representation | undefined> {
    const now = await this.answer(host, path)
    // security: admission was checked for this entry before the file was opened, so the entry must still have the path
    // now.
    if (now.kind !== 'content' || now.entry !== entry || now.page.body instanceof Body)
      return undefined
    const { root, segments, identity } = now.page.body
    if (!isSameFile(identity, opened.identity)) return undefined
    const type = mediaType(segments.at(-1) ?? '')
    const body = describeLarge({ ...opened, root, segments })
    return describe(body, { entry, type, lastModified: opened.modified })
  }

  /** Invalidates what was made from a large file that has changed or gone. */
  reconsider({ identity }: LargeFile): void {
    this.#parts.store.changed(identity)
  }

  async #resolve(key: string, reader: Reader): Promise<Answer> {
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
      return refuse(501, 'the host has an upstream, and this server no proxy')
    const id = routes && bounded(keys.routes(host), () => routes.match(path))
    if (routes === undefined || id === undefined) return refuse(404, 'no route')
    const entry = await sites.entry(host, id, reader)
    if (entry === undefined) throw new InvalidValue(keys.routes(host), `there is no entry "${id}"`)
    if (isPage(entry)) return { kind: 'page', entry, allow: allowed(entry) }
    const upstream = this.#upstreams.answer(routes, entry)
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
  async #challenge(host: string, path: string, reader: Reader): Promise<Answer | undefined> {
    const token = await this.#parts.store.sites.data(host, path.slice(1), reader)
    if (token === undefined) return undefined
    const entry: Entry = { methods: { GET: true }, headers: {}, error: {}, try_extensions: [] }
    const body = new Body(token, false)
    const page = describe(body, { entry, type: 'application/octet-stream' })
    return { kind: 'content', shows: 'file', entry, allow: allowed(entry), page }
  }

  async #open(target: Target, entry: Entry, reader: Reader): Promise<Answer> {
    const { host, path } = target
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const found = await this.#locator.locate(target, entry, reader)
      if (found === 'directory' && !path.endsWith('/') && entry.index && !entry.file) {
        return { kind: 'redirect', entry, allow: allowed(entry), location: withSlash(path) }
      }
      if (found === 'unreadable') return refuse(500, 'the file cannot be read', entry)
      if (typeof found === 'string') return refuse(404, 'no file', entry)
      if ('content' in found) return this.#present(host, found.name, entry, found.content, reader)
      const { file, name } = found
      if (file.size > this.#parts.maxKept) {
        this.#parts.store.dependOn(reader, file.identity)
        reader.weigh(ANSWER_BYTES)
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
    content: KeptContent,
    reader: Reader
  ): Promise<Answer> {
    reader.weigh(ANSWER_BYTES)
    const { body, type, modified } = content
    if (type.startsWith('application/lua'))
      return refuse(501, 'Lua pages are not available yet', entry)
    const allow = allowed(entry)
    if (!this.#parts.pages.isSource(type)) {
      const page = describe(body, { entry, type, lastModified: modified })
      return { kind: 'content', shows: 'file', entry, allow, page }
    }
    const vary = 'Accept'
    const rendered = await this.#parts.pages.render(host, name, entry, content, reader)
    const page = describe(rendered, { entry, type: 'text/html; charset=utf-8', vary })
    const source = describe(body, { entry, type, vary, lastModified: modified })
    return { kind: 'content', shows: 'page', entry, allow, page, source }
  }
}

function large(entry: Entry, file: FoundFile): Answer {
  const type = mediaType(file.segments.at(-1) ?? '')
  if (type.startsWith('application/lua'))
    return refuse(501, 'Lua pages are not available yet', entry)
  const page = describe(describeLarge(file), { entry, type, lastModified: file.modified })
  return { kind: 'content', shows: 'file', entry, allow: allowed(entry), page }
}

/** The path with a slash, for a redirect. security: a path that begins with "//" would redirect to another host. */
function withSlash(path: string): string {
  return `${encodeURI(path.replace(/^\/+/, '/')).replace(/[?#]/g, encodeURIComponent)}/`
}

function refuse(status: 404 | 500 | 501, reason: string, entry?: Entry): Answer {
  return entry === undefined
    ? { kind: 'refusal', status, reason }
    : { kind: 'refusal', status, reason, entry }
}
