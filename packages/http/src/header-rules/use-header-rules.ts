import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { replyHeaders } from '../node-internals/index.ts'
import { setHeaders } from '../set-headers.ts'
import { compiledHeaders, type CompiledHeaders, type ResponseClass } from './compiled-headers.ts'
import { isPreflight } from './cors.ts'
import type { EntryWithHeaders, HeaderSettings } from './rules.ts'

/** The header rules of the site that a request is for; undefined for none. */
export type FindSiteHeaders = (
  request: FastifyRequest
) => HeaderSettings | undefined | Promise<HeaderSettings | undefined>

/** Decorator of an app that finds the rules of sites. */
const FIND = Symbol('header rules of sites')
/** Property of a request whose rules were not in the cache; not a decorator, which Fastify would set on every request. */
const READ = Symbol('header rules of the site')
/** Property of a reply to whose headers the rules were applied before Fastify sends them. */
const APPLIED = Symbol('header rules are applied')

/** Headers to which rules add values that a reply may have already. */
const SHARED = ['vary', 'content-security-policy']

interface Finding {
  [FIND]?: { find: FindSiteHeaders | undefined }
}

/** A request as the plugins decorate it. */
interface Placed {
  readonly entry?: EntryWithHeaders | undefined
  readonly upstream?: { readonly headers?: HeaderSettings | undefined } | undefined
  [READ]?: { readonly site: HeaderSettings | undefined }
}

/**
 * Applies the header rules of sites, entries and upstreams to every response of an app, whether the outlet or Fastify
 * sends it. The first `find` for an app counts.
 *
 * @param find undefined where sites have no rules. It may throw or reject: the response then has no rules of the site,
 *   since other plugins report the error
 */
export function useHeaderRules(fastify: FastifyInstance & Finding, find?: FindSiteHeaders): void {
  const declared = fastify[FIND]
  if (declared !== undefined) {
    declared.find ??= find
    return
  }
  fastify.decorate(FIND, { find })
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    try {
      applyToReply(request, reply)
    } catch (error) {
      return done(error as Error)
    }
    done()
  })
}

/** The rules that concern a request: those of its site, its entry and its upstream, as far as they are known. */
export function headerRulesOf(request: FastifyRequest): CompiledHeaders | undefined {
  const { entry, upstream } = request as unknown as Placed
  return compiledHeaders(siteHeadersOf(request), entry, upstream?.headers)
}

/** Reads the rules of a request's site if they are not in the cache; undefined where nothing has to be read. */
export function readHeaderRules(request: FastifyRequest): Promise<void> | undefined {
  const placed = request as unknown as Placed
  const found = placed[READ] === undefined ? findFor(request) : undefined
  if (!(found instanceof Promise)) return undefined
  const keep = (site?: HeaderSettings): void => void (placed[READ] = { site })
  return found.then(keep, () => keep())
}

/**
 * Whether a request is a preflight that the preset `cors` answers: with an empty 204, to which the outlet adds the
 * headers. The request needs no login, and its method is not one of the entry.
 */
export function answersPreflight(request: FastifyRequest): boolean {
  return (
    request.raw.method === 'OPTIONS' &&
    isPreflight(request) &&
    headerRulesOf(request)?.cors !== undefined
  )
}

/** The header list of a response with the rules applied; undefined where there are none. */
export function applyHeaderRules(
  reply: FastifyReply,
  status: number,
  headers: readonly string[]
): string[] | undefined {
  const { request } = reply
  const rules = headerRulesOf(request)
  return rules?.ofResponse(headers, replyHeaders(reply), request, classOf(reply, status))
}

function classOf(reply: FastifyReply & { errorCode?: unknown }, status: number): ResponseClass {
  if (reply.errorCode !== undefined) return 'error'
  const { kind } = reply.request
  const hasContent = status === 200 || status === 206 || status === 304
  return hasContent && (kind === 'file' || kind === 'page') ? 'content' : 'other'
}

/**
 * Sets the headers of a response that Fastify is going to send, with the rules applied.
 *
 * @param headers name, value, name, value, …
 */
export function setWithHeaderRules(
  reply: FastifyReply & { [APPLIED]?: true },
  status: number,
  headers: readonly string[]
): void {
  const applied = applyHeaderRules(reply, status, headers)
  if (applied !== undefined) reply[APPLIED] = true
  setHeaders(reply, applied ?? headers)
}

function applyToReply(request: FastifyRequest, reply: FastifyReply): void {
  const rules = APPLIED in reply ? undefined : headerRulesOf(request)
  if (rules === undefined) return
  const own = replyHeaders(reply)
  const shared = SHARED.flatMap((name) =>
    [own[name] ?? []].flat().flatMap((value) => [name, String(value)])
  )
  const applied = rules.ofResponse(shared, own, request, 'other')
  if (rules.cors !== undefined)
    for (const name in own) if (name.startsWith('access-control-')) reply.removeHeader(name)
  setHeaders(reply, applied)
}

function siteHeadersOf(request: FastifyRequest): HeaderSettings | undefined {
  const found = findFor(request)
  if (!(found instanceof Promise)) return found
  found.catch(() => undefined)
  return (request as unknown as Placed)[READ]?.site
}

function findFor(request: FastifyRequest): ReturnType<FindSiteHeaders> {
  const find = (request.server as FastifyInstance & Finding)[FIND]?.find
  if (find === undefined) return undefined
  try {
    return find(request)
  } catch {
    return undefined
  }
}
