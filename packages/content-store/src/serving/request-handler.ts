import { answersPreflight, readHeaderRules } from '@reliw/http'
import type { Live } from '@reliw/model'
import { clientBlock } from '@reliw/options'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import {
  BadTarget,
  CannotServe,
  NotFound,
  PreconditionFailed,
  RangeNotSatisfiable
} from '../errors.ts'
import type { Admission } from './admission.ts'
import {
  type Resolution,
  type ContentResolution,
  type ListingResolution,
  mustAllow,
  refusalOf,
  type Representation
} from './resolution.ts'
import { entryOf } from './entry-fault.ts'
import type { ErrorPages } from './error-pages.ts'
import { type Forwarding, isUnambiguous } from './forwarding.ts'
import { isGuarded } from './is-guarded.ts'
import { type Listings, readChoice } from './listings.ts'
import { noteResolution } from './note-resolution.ts'
import type { Outcome } from './outcome.ts'
import { CHALLENGE, type Resolver } from './resolver.ts'
import { serveContent } from './serve.ts'
import type { DescribeChanged } from './serve-large.ts'
import { redirectStatus, targetAt } from './redirected-host.ts'
import { queryOf, type SitePaths } from './site-paths.ts'
import { sendRedirect } from './send-redirect.ts'
import type { Write } from './write.ts'

export interface RequestHandlerParts {
  paths: SitePaths
  resolver: Resolver
  listings: Listings
  admission: Admission
  forwarding: Forwarding
  errorPages: ErrorPages
  write: Write
  /** While it returns true, variants that are not cached are not compressed. */
  isBusy: (() => boolean) | undefined
}

/** The methods that entries can allow: the response to `OPTIONS *` (RFC 9110 9.3.7). */
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, QUERY'
/** Maximum number of times that a request is resolved, when a large file is replaced before it is opened. */
const MAX_ATTEMPTS = 3

/** Handles a request: resolves its path, checks its admission to the entry, sends the response. */
export class RequestHandler {
  readonly #parts: RequestHandlerParts

  constructor(parts: RequestHandlerParts) {
    this.#parts = parts
  }

  /** Sends a response to a request, an error page included. Cached public content is sent without a promise. */
  handle(reply: FastifyReply): void {
    try {
      const sent = this.#attempt(reply, MAX_ATTEMPTS)
      if (sent instanceof Promise)
        sent.catch((error: FastifyError) => this.#sendError(error, reply))
    } catch (error) {
      this.#sendError(error as FastifyError, reply)
    }
  }

  #attempt(reply: FastifyReply, left: number): Live<void> {
    const { paths, write } = this.#parts
    const { host, site, hostSite } = reply.request.facts
    const path = paths.pathOf(reply.request)
    if (host === undefined || site === undefined) throw new BadTarget()
    if (path === '*') return write(reply, 204, ['allow', METHODS], undefined)
    if (site !== host && path?.startsWith(CHALLENGE) === true)
      return this.#challenge(host, path, reply, left)
    if (hostSite?.redirect !== undefined) return this.#redirectTo(hostSite.redirect, reply)
    return this.#resolve(site, path, reply, left)
  }

  /** An authority that issues certificates requests a host's own token, whatever site serves the host. */
  async #challenge(host: string, path: string, reply: FastifyReply, left: number): Promise<void> {
    const { hostSite, site = '' } = reply.request.facts
    const resolution = await this.#parts.resolver.resolve(host, path)
    if (resolution.kind === 'content') return this.#use(resolution, false, reply, left)
    if (hostSite?.redirect !== undefined) return this.#redirectTo(hostSite.redirect, reply)
    return this.#resolve(site, path, reply, left)
  }

  #resolve(site: string, path: string | undefined, reply: FastifyReply, left: number): Live<void> {
    // Relative references of the index page resolve below the prefix only with the slash.
    if (path === '') return this.#redirect('/', reply)
    if (path === undefined) return this.#resolveReadings(reply, left)
    const resolution = this.#parts.resolver.resolve(site, path)
    if (!(resolution instanceof Promise)) return this.#use(resolution, true, reply, left)
    return resolution.then((made) => this.#use(made, false, reply, left))
  }

  #use(resolution: Resolution, isCached: boolean, reply: FastifyReply, left: number): Live<void> {
    noteResolution(reply.request, resolution, isCached)
    if (isUnambiguous(resolution, reply.request)) return this.#admit(resolution, reply, left)
    return this.#resolveReadings(reply, left)
  }

  #resolveReadings(reply: FastifyReply, left: number): Live<void> {
    const use = (resolution: Resolution): Live<void> => {
      noteResolution(reply.request, resolution, true)
      return this.#admit(resolution, reply, left)
    }
    const resolution = this.#parts.forwarding.find(reply.request)
    return resolution instanceof Promise ? resolution.then(use) : use(resolution)
  }

  #admit(resolution: Resolution, reply: FastifyReply, left: number): Live<void> {
    if (reply.request.raw.method === 'OPTIONS') {
      const reading = readHeaderRules(reply.request)
      if (reading !== undefined) return reading.then(() => this.#admit(resolution, reply, left))
      if (answersPreflight(reply.request)) return this.#parts.write(reply, 204, [], undefined)
    }
    // security: the entry's rules may have been tightened since the previous attempt, so admission is checked again.
    const isAdmitted = this.#parts.admission.admit(resolution, reply)
    if (isAdmitted instanceof Promise)
      return isAdmitted.then((isIn) => (isIn ? this.#respond(resolution, reply, left) : undefined))
    return isAdmitted ? this.#respond(resolution, reply, left) : undefined
  }

  #respond(resolution: Resolution, reply: FastifyReply, left: number): Live<void> {
    const { forwarding, paths, write } = this.#parts
    if (resolution.kind === 'refusal') throw refusalOf(resolution)
    if (resolution.kind === 'upstream') return forwarding.forward(resolution, reply)
    mustAllow(resolution, reply)
    if (reply.request.method === 'OPTIONS')
      return write(reply, 204, ['allow', resolution.allow], undefined)
    if (resolution.kind === 'login') throw new CannotServe('no plugin has rendered the login page')
    if (resolution.kind === 'redirect') return sendRedirect(resolution, reply, paths, write)
    if (resolution.kind === 'directory') return this.#redirect(resolution.location, reply)
    if (resolution.kind === 'listing') return this.#list(resolution, reply, left)
    if (resolution.isFallback && !isRead(reply.request)) throw new NotFound()
    return this.#serve(resolution, reply, left)
  }

  #serve(resolution: ContentResolution, reply: FastifyReply, left: number): Live<void> {
    const { write, isBusy } = this.#parts
    const { request } = reply
    const mayCompress = isBusy?.() !== true
    const describeChanged =
      left === MAX_ATTEMPTS ? undefined : this.#describeChangedFor(resolution, request)
    const outcome = serveContent(
      request,
      reply,
      resolution,
      write,
      mayCompress,
      describeChanged,
      clientOf
    )
    if (outcome instanceof Promise) return outcome.then((made) => this.#finish(made, reply, left))
    return this.#finish(outcome, reply, left)
  }

  #list(resolution: ListingResolution, reply: FastifyReply, left: number): Live<void> {
    const { request } = reply
    const choice = readChoice(queryOf(request), request.headers.accept)
    if (!isRead(request) || choice === undefined) throw new NotFound()
    const { entry, allow, id, path } = resolution
    const use = (representation: Representation | undefined): Live<void> => {
      if (representation === undefined) throw new NotFound()
      const content = {
        kind: 'content',
        responseKind: 'page',
        entry,
        allow,
        representation
      } as const
      return this.#serve(content, reply, left)
    }
    const page = this.#parts.listings.page({ host: request.facts.site ?? '', id, path }, choice)
    return page instanceof Promise ? page.then(use) : use(page)
  }

  /**
   * For attempts after the first: a changed file is resolved again first, and one that then has changed once more is
   * probably being written to all the time.
   */
  #describeChangedFor({ entry }: ContentResolution, request: FastifyRequest): DescribeChanged {
    const { paths, resolver } = this.#parts
    const { site: host = '' } = request.facts
    const path = paths.pathOf(request) ?? ''
    return async (opened) => resolver.describeChanged({ host, path }, entry, opened)
  }

  #finish(outcome: Outcome, reply: FastifyReply, left: number): Live<void> {
    if (outcome === 'served') return undefined
    if (outcome === 'precondition failed') throw new PreconditionFailed()
    if (outcome === 'unsatisfiable') throw new RangeNotSatisfiable()
    this.#parts.resolver.invalidate(outcome.changed)
    if (left > 1) return this.#attempt(reply, left - 1)
    throw new CannotServe('the file changes faster than it can be opened')
  }

  /** Redirects a request to another host of its site. */
  #redirectTo(host: string, reply: FastifyReply): void {
    const { request } = reply
    request.kind = 'redirect'
    const headers = ['location', targetAt(host, request), 'content-length', '0']
    this.#parts.write(reply, redirectStatus(request.method), headers, undefined)
  }

  #redirect(location: string, reply: FastifyReply): void {
    const { paths, write } = this.#parts
    const target = paths.add(location + queryOf(reply.request))
    write(reply, 301, ['location', target, 'content-length', '0'], undefined)
  }

  /**
   * Sends the page of an error. security: an error about an entry's content reveals that the content exists, so a
   * request has to be admitted to the entry first.
   */
  #sendError(fault: FastifyError, reply: FastifyReply): void {
    const { admission, errorPages } = this.#parts
    const entry = entryOf(fault)
    if (entry === undefined || !isGuarded(entry)) return errorPages.fail(fault, reply)
    reply.request.entry = entry
    const isAdmitted = async (): Promise<boolean> => admission.admitTo(entry, reply)
    isAdmitted()
      .then((isIn) => isIn && errorPages.fail(fault, reply))
      .catch((refusal: FastifyError) => errorPages.fail(refusal, reply))
  }
}

function isRead({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** The client that a streamed file counts for: its IPv4 address or IPv6 /64. */
function clientOf({ facts }: FastifyRequest): string {
  return clientBlock(facts.clientIp) ?? ''
}
