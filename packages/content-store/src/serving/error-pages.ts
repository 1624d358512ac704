import { explanationOf, readHeaderRules } from '@reliw/http'
import type { FastifyBaseLogger, FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { NoSite } from '../errors.ts'
import type { NoSitePage } from '../options.ts'
import { defaultLayout } from '../rendering/default-layout.ts'
import { renderErrorPage } from '../rendering/error-page.ts'
import type { Layout } from '../rendering/layout.ts'
import { errorCodeOf } from './error-code.ts'
import type { PageRenderer } from './page-renderer.ts'
import { reportError } from './report-error.ts'
import type { SiteErrorPage, SiteErrorPages } from './site-error-pages.ts'
import type { Write } from './write.ts'

/** Retry-After, in seconds, of a 503 that has none of its own. */
const RETRY_AFTER = '5'

const HTML = 'text/html; charset=utf-8'
const HEADERS = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff'] as const

export interface ErrorPagesParts {
  pageRenderer: PageRenderer
  siteErrorPages: SiteErrorPages
  write: Write
  log: FastifyBaseLogger
  noSitePage: NoSitePage | undefined
}

/**
 * Sends error pages: what the error or the entry has for the status, else the file that the site names, else a page in the site's
 * layout, or in the default layout when the site's is not available.
 */
export class ErrorPages {
  readonly #parts: ErrorPagesParts

  constructor(parts: ErrorPagesParts) {
    this.#parts = parts
  }

  /** Sends the page of an error; breaks the connection when that fails. */
  fail(fault: FastifyError, reply: FastifyReply): void {
    void this.deliver(fault, reply.request, reply)
  }

  /**
   * As `fail`; settles when the page has been sent. Never rejects: Fastify would send an error of its own for an error
   * handler that rejects, and what that throws would end the process.
   */
  async deliver(fault: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    try {
      await this.#send(fault, request, reply)
    } catch (error) {
      this.#parts.log.error({ request_id: request.id, err: error }, 'error page failed')
      reply.raw.destroy()
    }
  }

  /** Sends the page of an error and logs the error. Rejects when the page cannot be sent. */
  async #send(error: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const status = statusOf(error)
    reportError(error, status, request.id, this.#parts.log)
    reply.errorCode = errorCodeOf(error)
    if (reply.raw.headersSent) return void reply.raw.destroy()
    if (status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', RETRY_AFTER)
    const { id, entry } = request
    const explanation = explanationOf(error)
    const site = request.facts.site ?? ''
    const noSite = error instanceof NoSite ? this.#noSite(request) : undefined
    const isOwn =
      (noSite ?? explanation) !== undefined || entry?.error[String(status)] !== undefined
    const page = isOwn || site === '' ? undefined : await this.#named(site, status)
    const type = page?.type ?? HTML
    const body =
      page?.bytes(id) ?? Buffer.from(noSite ?? (await this.#render(status, request, explanation)))
    const length = String(body.length)
    const reading = readHeaderRules(request)
    if (reading !== undefined) await reading
    const headers = ['content-type', type, ...HEADERS, 'content-length', length]
    this.#parts.write(reply, status, headers, body)
  }

  async #named(site: string, status: number): Promise<SiteErrorPage | undefined> {
    return this.#parts.siteErrorPages.find(site, status)
  }

  #noSite(request: FastifyRequest): string | undefined {
    const page = this.#parts.noSitePage?.(request)
    return page && defaultLayout.render({ ...page, class: 'no-site', request_id: request.id })
  }

  async #render(
    status: number,
    { facts, id, entry }: FastifyRequest,
    explanation: string | undefined
  ): Promise<string> {
    return renderErrorPage({
      status,
      requestId: id,
      layout: await this.#layout(facts.site ?? ''),
      custom: explanation ?? entry?.error[String(status)],
      css_file: entry?.css_file,
      favicon_file: entry?.favicon_file
    })
  }

  async #layout(host: string): Promise<Layout | undefined> {
    if (host === '') return undefined
    try {
      return await this.#parts.pageRenderer.layout(host)
    } catch {
      return undefined
    }
  }
}

/** The status that a client is shown: the error's status when it is a 4xx or 5xx, else 500. */
function statusOf({ statusCode = 500 }: FastifyError): number {
  return statusCode >= 400 && statusCode <= 599 ? statusCode : 500
}
