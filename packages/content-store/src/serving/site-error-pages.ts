import { valueOf } from '@reliw/http'
import { errorPageFor, type Live, type Store, StoreUnavailable, weakMemoize } from '@reliw/model'
import type { FastifyBaseLogger } from 'fastify'
import { escapeHtml } from '../rendering/escape-html.ts'
import { Body } from './body.ts'
import type { Representation } from './resolution.ts'
import type { Resolver } from './resolver.ts'

/** Replaced in HTML pages. */
const REQUEST_ID = '${request_id}'
/** Maximum number of pages remembered as reported; beyond this all are forgotten and may be reported again. */
const MAX_REPORTED = 1000

/** The content of an error page that a site names. */
export interface SiteErrorPage {
  type: string
  bytes: (requestId: string) => Buffer
}

/**
 * The files that sites name in `error_pages`. A page that cannot be used is reported in the log, once until it can be
 * used again, and the error is shown on the built-in page: an error page never causes another one.
 */
export class SiteErrorPages {
  readonly #sites: Store['sites']
  readonly #resolver: Resolver
  readonly #log: FastifyBaseLogger
  readonly #reported = new Set<string>()
  readonly #pageOf = weakMemoize(readPage)

  constructor({ sites }: Store, resolver: Resolver, log: FastifyBaseLogger) {
    this.#sites = sites
    this.#resolver = resolver
    this.#log = log
  }

  /** The page of a host for a status; undefined when it has none that can be used. Never throws or rejects. */
  find(host: string, status: number): Live<SiteErrorPage | undefined> {
    try {
      const settings = this.#sites.settings(host)
      if (settings instanceof Promise) return this.#findLater(host, status, settings)
      return this.#named(host, errorPageFor(settings.error_pages, status))
    } catch {
      return undefined
    }
  }

  async #findLater(
    host: string,
    status: number,
    settings: ReturnType<Store['sites']['settings']>
  ): Promise<SiteErrorPage | undefined> {
    try {
      return await this.#named(host, errorPageFor((await settings).error_pages, status))
    } catch {
      return undefined
    }
  }

  #named(host: string, file: string | undefined): Live<SiteErrorPage | undefined> {
    return file === undefined ? undefined : this.#read(host, file)
  }

  async #read(host: string, file: string): Promise<SiteErrorPage | undefined> {
    try {
      const found = await this.#resolver.file(host, file)
      if (found === undefined) return this.#report(host, file, 'there is no such file')
      if (found.kind === 'refusal') return this.#report(host, file, found.reason)
      const { representation } = found
      if (!(representation.body instanceof Body))
        return this.#report(host, file, 'the file is larger than cache_max_size')
      this.#reported.delete(`${host}\n${file}`)
      return this.#pageOf(representation)
    } catch (error) {
      if (error instanceof StoreUnavailable) return undefined
      return this.#report(host, file, (error as Error).message)
    }
  }

  #report(host: string, file: string, reason: string): undefined {
    const name = `${host}\n${file}`
    if (this.#reported.has(name)) return
    if (this.#reported.size >= MAX_REPORTED) this.#reported.clear()
    this.#reported.add(name)
    this.#log.warn({ content: { vhost: host, file, reason } }, 'error page cannot be used')
  }
}

function readPage({ body, headers }: Representation): SiteErrorPage {
  const type = valueOf(headers, 'content-type') ?? 'application/octet-stream'
  const { bytes } = (body as Body).identity
  if (!type.startsWith('text/html') || !bytes.includes(REQUEST_ID))
    return { type, bytes: () => bytes }
  const parts = bytes.toString().split(REQUEST_ID)
  return { type, bytes: (requestId) => Buffer.from(parts.join(escapeHtml(requestId))) }
}
