/**
 * Serves sites: what a path of a host gives is data in the live store and files in `data_dir`, both current
 * at every request.
 */

import { respond, useFacts } from '@reliw/http'
import { type Entry, InvalidValue, StoreUnavailable } from '@reliw/model'
import { clientBlock, parseOptions, readTarget } from '@reliw/options'
import type {
  FastifyBaseLogger,
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest
} from 'fastify'
import fp from 'fastify-plugin'
import { BadTarget, CannotServe, NotAvailable } from './errors.ts'
import { MethodNotAllowed, NotFound, PreconditionFailed, RangeNotSatisfiable } from './errors.ts'
import { Disk } from './files/disk.ts'
import { ContentStoreOptions } from './options.ts'
import { defaultLayout } from './rendering/default-layout.ts'
import { Prefix } from './http/prefix.ts'
import { type Answer, isAllowed, isPage } from './serving/answer.ts'
import { Bodies } from './serving/bodies.ts'
import { entryOf } from './serving/entry-fault.ts'
import { ErrorPages } from './serving/error-pages.ts'
import { destinationOf } from './serving/destination.ts'
import { type CacheState, noteAnswer } from './serving/note-answer.ts'
import { Pages } from './serving/pages.ts'
import { Resolver } from './serving/resolver.ts'
import type { Outcome } from './serving/outcome.ts'
import { errorCodeOf } from './serving/error-code.ts'
import { serveContent } from './serving/serve.ts'
import type { Grown } from './serving/serve-large.ts'
import { type Write, writeThrough } from './serving/write.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Serves the request from the content store: the handler of the plugin's own catch-all route. */
    serveContent: (request: FastifyRequest, reply: FastifyReply) => void
    /** Answers with the site's page for an error; what it says to a client holds nothing internal. */
    sendErrorPage: (
      error: FastifyError,
      request: FastifyRequest,
      reply: FastifyReply
    ) => Promise<void>
    /** Puts HTML into the layout of a host's login page: `DATA:<host>:login.html`, else that of its pages. */
    renderLoginPage: (host: string, page: LoginPage) => Promise<string>
  }
  interface FastifyRequest {
    /** The entry that answers, once it is known. */
    entry: Entry | undefined
    /** The entry whose limits the request counts against, once it does. */
    countedEntry: Entry | undefined
    /** Where that came from; undefined: from elsewhere, or there was a fault. */
    cache: CacheState | undefined
  }
  interface FastifyReply {
    /** Bytes of the body that was sent, before any transfer coding. */
    bodySize: number
    /** What the error is known by that was answered, such as `RELIW_CONTENT_NOT_FOUND`; undefined: none was. */
    errorCode: string | undefined
  }
}

/** What is shown in the layout. */
export interface LoginPage {
  title: string
  /** HTML. */
  content: string
  /** Whose `css_file` and `favicon_file` are used. */
  entry?: Entry | undefined
}

/** Seconds after which a client may ask again when the store is away. */
const RETRY_AFTER = '5'
/** What entries may allow; `OPTIONS *` is told of it (RFC 9110 9.3.7). */
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, QUERY'
/** How often a large file that was exchanged before it was opened is looked for again. */
const MAX_ATTEMPTS = 3

async function contentStorePlugin(
  fastify: FastifyInstance,
  options: ContentStoreOptions
): Promise<void> {
  const settings = parseOptions('@reliw/content-store', ContentStoreOptions, options)
  const { store } = settings
  const write: Write = settings.raw ? respond : writeThrough
  mustBeFixed(fastify.prefix)
  const prefix = new Prefix(fastify.prefix, settings.prefix)
  const pathOf = prefix.isEmpty ? strictPath : sitePath
  const disk = new Disk(settings.data_dir, store.changed, store.dependOn)
  const bodies = new Bodies(store, settings.compression, settings.cache_max_size)
  const pages = new Pages(store, bodies)
  const resolver = new Resolver({ store, disk, bodies, pages, maxKept: settings.cache_max_size })
  const errorPages = new ErrorPages(pages)

  useFacts(fastify)
  fastify.decorate('serveContent', serve)
  fastify.decorate('sendErrorPage', sendErrorPage)
  fastify.decorate('renderLoginPage', renderLoginPage)
  fastify.decorateRequest('entry', undefined)
  fastify.decorateRequest('countedEntry', undefined)
  fastify.decorateRequest('cache', undefined)
  fastify.decorateReply('errorCode', undefined)
  fastify.register(
    async (scope) => {
      // Pages take no bodies: what a client sends is left unread, whatever it says it is.
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
      scope.setErrorHandler((error: FastifyError, request, reply) => {
        // Raised over a header that nobody here reads.
        if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return serve(request, reply)
        return sendErrorPage(error, request, reply)
      })
      scope.all(settings.prefix === '' ? '*' : '/*', serve)
      if (settings.prefix !== '') scope.all('/', { prefixTrailingSlash: 'both' }, serve)
    },
    { prefix: settings.prefix }
  )
  fastify.addHook('onClose', async () => {
    disk.close()
    await pages.close()
  })

  function serve(request: FastifyRequest, reply: FastifyReply): void {
    attempt(request, reply, MAX_ATTEMPTS)
  }

  function attempt(request: FastifyRequest, reply: FastifyReply, left: number): void {
    const { host } = request.facts
    const path = pathOf(request)
    if (host === undefined) return fail(new BadTarget(), request, reply)
    if (path === '*') return write(reply, 204, ['allow', METHODS], undefined)
    // Relative references of its index lead below it only from there.
    if (path === '') return redirect(`/${queryOf(request)}`, reply)
    try {
      if (path === undefined) return forwardAlike(host, request, reply, left)
      const answer = resolver.answer(host, path)
      if (!(answer instanceof Promise)) {
        noteAnswer(request, answer, true)
        if (isReadAlike(answer, request)) return answerWith(answer, request, reply, left)
        return forwardAlike(host, request, reply, left)
      }
      answer
        .then((made) => {
          noteAnswer(request, made, false)
          if (isReadAlike(made, request)) return answerWith(made, request, reply, left)
          return forwardAlike(host, request, reply, left)
        })
        .catch((error: FastifyError) => confess(error, request, reply))
    } catch (error) {
      confess(error as FastifyError, request, reply)
    }
  }

  /**
   * Forwards a target with escapes and the like that programs read differently, where every reading leads to the same
   * upstream. security: an origin decides by its own reading, so no reading may lead past the entry that guards it.
   */
  function forwardAlike(
    host: string,
    request: FastifyRequest,
    reply: FastifyReply,
    left: number
  ): void {
    const readings = readTarget(request.raw.url ?? '')?.map((path) => prefix.strip(path))
    const isWithin = readings?.every((path) => path !== undefined) === true
    const answer = isWithin ? resolver.forwarded(host, readings) : undefined
    if (!(answer instanceof Promise)) return forwardOr400(answer, request, reply, left)
    answer
      .then((made) => forwardOr400(made, request, reply, left))
      .catch((error: FastifyError) => confess(error, request, reply))
  }

  function forwardOr400(
    answer: Answer | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
    left: number
  ): void {
    if (answer === undefined)
      return fail(
        pathOf(request) === undefined ? badTarget(request) : new BadTarget(),
        request,
        reply
      )
    noteAnswer(request, answer, true)
    answerWith(answer, request, reply, left)
  }

  /** What is wrong with something tells that it is there: only those hear of it who may see it. */
  function confess(fault: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
    const entry = entryOf(fault)
    if (entry?.auth === undefined) return fail(fault, request, reply)
    request.entry = entry
    const isAdmitted = async (): Promise<boolean> => admit(request, reply, entry)
    isAdmitted()
      .then((isIn) => isIn && fail(fault, request, reply))
      .catch((refusal: FastifyError) => fail(refusal, request, reply))
  }

  function answerWith(
    answer: Answer,
    request: FastifyRequest,
    reply: FastifyReply,
    left: number
  ): void {
    if (answer.entry === undefined) return give(answer, request, reply, left)
    if (answer.kind === 'page' && settings.authorize && !isAllowed(answer.entry, request.method))
      return give(answer, request, reply, left)
    // security: the rule may have been tightened since the answer before, so each is admitted anew.
    const isAdmitted = admit(request, reply, answer.entry)
    if (isAdmitted === true) return give(answer, request, reply, left)
    if (isAdmitted === false) return
    isAdmitted
      .then((isIn) => isIn && give(answer, request, reply, left))
      .catch((error: FastifyError) => fail(error, request, reply))
  }

  /** Whether the request may have what the entry gives; false: it has been answered. */
  function admit(
    request: FastifyRequest,
    reply: FastifyReply,
    entry: Entry
  ): boolean | Promise<boolean> {
    const { authorize } = settings
    const limit = (): boolean | Promise<boolean> => {
      // Looked up again, it counts once; security: an entry that came since has limits of its own.
      if (settings.limit === undefined || request.countedEntry === entry) return true
      request.countedEntry = entry
      return settings.limit(request, reply, entry)
    }
    if (entry.rate_limit !== undefined && settings.limit === undefined)
      throw new NotAvailable('the entry has a rate_limit, and this server no limits')
    if (entry.auth === undefined) return limit()
    if (authorize === undefined)
      throw new NotAvailable('the entry has an auth, and this server none')
    // A login page is answered there: it has to be held against its limits before.
    if (isPage(entry)) return andThen(limit(), () => authorize(request, reply, entry))
    return andThen(authorize(request, reply, entry), limit)
  }

  function give(answer: Answer, request: FastifyRequest, reply: FastifyReply, left: number): void {
    if (answer.kind === 'upstream' && settings.forward === undefined)
      return fail(new NotAvailable('the entry has a proxy, and this server none'), request, reply)
    if (answer.entry !== undefined && answer.kind !== 'refusal') {
      if (!isAllowed(answer.entry, request.method)) {
        reply.header('allow', answer.allow)
        return fail(new MethodNotAllowed(), request, reply)
      }
      if (request.method === 'OPTIONS' && answer.kind !== 'upstream')
        return write(reply, 204, ['allow', answer.allow], undefined)
    }
    switch (answer.kind) {
      case 'refusal':
        return fail(refusalOf(answer), request, reply)
      case 'page':
        return fail(new CannotServe('nobody made the page'), request, reply)
      case 'upstream':
        return forward(answer, request, reply)
      case 'redirect':
        return redirect(answer.location + queryOf(request), reply)
      case 'content': {
        const mayCompress = settings.is_busy?.() !== true
        const grown = left === MAX_ATTEMPTS ? undefined : growthOf(answer.entry, request)
        const outcome = serveContent(request, reply, answer, write, mayCompress, grown, blockOf)
        if (!(outcome instanceof Promise)) return finish(outcome, request, reply, left)
        outcome
          .then((made) => finish(made, request, reply, left))
          .catch((error: FastifyError) => fail(error, request, reply))
      }
    }
  }

  /** A file that was exchanged is looked up again first: then only one that changes all the time is another once more. */
  function growthOf(entry: Entry, request: FastifyRequest): Grown {
    const { host = '' } = request.facts
    const path = pathOf(request) ?? ''
    return (opened) => resolver.grown({ host, path }, entry, opened)
  }

  /** What the request’s path is without the prefix; undefined where it has another, or is no path. */
  function sitePath(request: FastifyRequest): string | undefined {
    const path = strictPath(request)
    return path === undefined || path === '*' ? path : prefix.strip(path)
  }

  /** security: what COPY and MOVE write has to be behind the same entry, so that no other one guards it. */
  function forward(
    answer: Extract<Answer, { kind: 'upstream' }>,
    request: FastifyRequest,
    reply: FastifyReply
  ): void {
    const go = (): void => settings.forward?.(request, reply, answer.name, answer.upstream)
    const readings = destinationOf(request)?.map((path) => prefix.strip(path))
    if (readings === undefined) return go()
    const host = request.facts.host ?? ''
    const isWithin = readings.every((path) => path !== undefined)
    const goIf = (there: Answer | undefined): void => {
      if (there?.entry === answer.entry) go()
      else fail(new BadTarget(), request, reply)
    }
    const there = isWithin ? resolver.forwarded(host, readings) : undefined
    if (!(there instanceof Promise)) return goIf(there)
    there.then(goIf).catch((error: FastifyError) => fail(error, request, reply))
  }

  function redirect(location: string, reply: FastifyReply): void {
    write(reply, 301, ['location', prefix.add(location), 'content-length', '0'], undefined)
  }

  function finish(
    outcome: Outcome,
    request: FastifyRequest,
    reply: FastifyReply,
    left: number
  ): void {
    if (outcome === 'served') return
    if (outcome === 'precondition failed') return fail(new PreconditionFailed(), request, reply)
    if (outcome === 'unsatisfiable') return fail(new RangeNotSatisfiable(), request, reply)
    resolver.reconsider(outcome.changed)
    if (left > 1) return attempt(request, reply, left - 1)
    fail(new CannotServe('the file changes faster than it can be opened'), request, reply)
  }

  async function renderLoginPage(host: string, page: LoginPage): Promise<string> {
    const layout = await pages.loginLayout(host).catch(() => defaultLayout)
    const { css_file, favicon_file } = page.entry ?? {}
    const { title, content } = page
    return layout.render({ title, content, css_file, favicon_file, class: 'login' })
  }

  function fail(fault: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
    sendErrorPage(fault, request, reply).catch((error: unknown) => {
      fastify.log.error({ request_id: request.id, err: error }, 'error page failed')
      reply.raw.destroy()
    })
  }

  async function sendErrorPage(
    error: FastifyError,
    request: FastifyRequest,
    reply: FastifyReply
  ): Promise<void> {
    const status = statusOf(error)
    report(error, status, request.id, fastify.log)
    reply.errorCode = errorCodeOf(error)
    if (reply.raw.headersSent) return void reply.raw.destroy()
    if (status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', RETRY_AFTER)
    const host = request.facts.host ?? ''
    const page = await errorPages.render(status, host, request.id, request.entry)
    const body = Buffer.from(page)
    const headers = [...ERROR_HEADERS, 'content-length', String(body.length)]
    write(reply, status, headers, body)
  }
}

/** Escapes, parameters of segments, empty segments and segments `.` in a path. */
const READ_DIFFERENTLY = /^[^?]*?(?:[%;]|\/\.?\/|\/\.(?:\?|$))/

/** Goes on where the first says so. */
function andThen(
  first: boolean | Promise<boolean>,
  then: () => boolean | Promise<boolean>
): boolean | Promise<boolean> {
  if (first instanceof Promise) return first.then((isIn) => isIn && then())
  return first && then()
}

const ERROR_HEADERS = [
  'content-type',
  'text/html; charset=utf-8',
  'cache-control',
  'no-store',
  'x-content-type-options',
  'nosniff'
] as const

function strictPath({ facts }: FastifyRequest): string | undefined {
  return facts.strictPath
}

/** An app may hand on what is not below the prefix: there is nothing there. */
function badTarget(request: FastifyRequest): FastifyError {
  return request.facts.host === undefined || request.facts.isPathAmbiguous
    ? new BadTarget()
    : new NotFound()
}

/** Whom the files count for that are streamed at once. */
function blockOf({ facts }: FastifyRequest): string {
  return clientBlock(facts.clientIp) ?? ''
}

/** What a parameter stands for would be part of the prefix: each request has another one. */
function mustBeFixed(prefix: string): void {
  if (!/[:*(]/.test(prefix)) return
  throw new Error(
    `@reliw/content-store: the scope's prefix "${prefix}" has a parameter: sites need a fixed one, such as "/static"`
  )
}

/** Whether nothing in the target can lead an origin elsewhere than us. */
function isReadAlike({ kind }: Answer, { raw }: FastifyRequest): boolean {
  return kind !== 'upstream' || !READ_DIFFERENTLY.test(raw.url ?? '')
}

function queryOf({ raw }: FastifyRequest): string {
  const at = (raw.url ?? '').indexOf('?')
  return at === -1 ? '' : (raw.url ?? '').slice(at)
}

function refusalOf({ status, reason }: Extract<Answer, { kind: 'refusal' }>): FastifyError {
  if (status === 404) return new NotFound()
  return status === 501 ? new NotAvailable(reason) : new CannotServe(reason)
}

/** The status a client is shown: what an error asks for when it is one, else 500. */
function statusOf({ statusCode = 500 }: FastifyError): number {
  return statusCode >= 400 && statusCode <= 599 ? statusCode : 500
}

/** What an operator has to mend is an error; what a client did is told by the access log alone. */
function report(error: FastifyError, status: number, id: string, log: FastifyBaseLogger): void {
  if (status < 500) return
  const cause =
    error instanceof InvalidValue ? { key: error.key, mistake: error.mistake } : undefined
  const fields = { request_id: id, ...(cause ? { content: cause } : reasonOf(error)) }
  if (error instanceof StoreUnavailable) log.debug(fields, 'store not available')
  else if (status === 501) log.warn(fields, 'not available')
  else if (status === 503) log.info({ ...fields, err: error }, 'refused for now')
  else if (cause !== undefined) log.error(fields, 'cannot serve')
  else log.error({ ...fields, err: error }, 'request failed')
}

/** Why a request failed, in an object of the package whose error it is. */
function reasonOf(error: FastifyError & { upstream?: object }): object {
  const reason = { reason: error.message }
  if (!String(error.code).startsWith('RELIW_UPSTREAM_')) return { content: reason }
  return { upstream: error.upstream ?? reason }
}

export const contentStore = fp(contentStorePlugin, { fastify: '5.x', name: '@reliw/content-store' })
