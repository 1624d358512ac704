import type { AddressSet } from '@reliw/options'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { END_LISTENERS } from '../on-end.ts'
import { originForm } from './origin-form.ts'
import { type KnownFacts, RequestFacts } from './request-facts.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The facts of the request; `RequestFacts.unknown` until the `onRequest` hooks of RELIW's plugins have run. */
    facts: RequestFacts
    /** The authenticated user, once established. */
    identity: Identity | undefined
    /**
     * The kind of response, once known, even if this client is then refused it; undefined where it is none of the
     * kinds.
     */
    kind: ResponseKind | undefined
    /** Bytes of the body that were read for use so far; for a tunnel, all bytes from the client. */
    bodySize: number
  }
  interface FastifyReply {
    /** Bytes of the body sent by the outlet, before any transfer coding. */
    bodySize: number
  }
}

/** The user of a request. Plugins that authenticate users may add more. */
export interface Identity {
  readonly user: string
  readonly groups: readonly string[]
}

/**
 * The kinds of response that metrics and logs distinguish: a page rendered into a layout, a file with any other
 * content, a redirect, a response of an upstream, a login or logout page.
 */
export type ResponseKind = 'file' | 'page' | 'redirect' | 'upstream' | 'login'

/** Decorator that holds an app's set of trusted proxies. */
const TRUSTED = Symbol('trusted proxies')

interface Trust {
  trusted: AddressSet | undefined
  clientIpHeader: string | undefined
}

/** Property that holds a request's facts, once they have been computed. */
const FACTS = Symbol('facts')

interface Found {
  [FACTS]?: RequestFacts
}

/**
 * Computes the facts of every request from now on; once per app, whichever plugin calls this first. Plugins call it
 * before they add their own hooks.
 *
 * @param trusted trusted proxies. Without them, and until a plugin provides them, `request.ip` and `request.protocol`
 * count, which follow Fastify's `trustProxy`
 * @param clientIpHeader header in which trusted proxies name the client, in lower case. Default: X-Forwarded-For, else
 * X-Real-IP
 */
export function useFacts(
  fastify: FastifyInstance,
  trusted?: AddressSet,
  clientIpHeader?: string
): void {
  const isDeclared = fastify.hasDecorator(TRUSTED)
  if (!isDeclared) declareFacts(fastify)
  // security: proxies that a scope trusts are not trusted by the scopes around and beside it.
  const isOwn = Object.hasOwn(fastify, TRUSTED)
  const trust = { trusted, clientIpHeader }
  if (!isDeclared || (trusted !== undefined && !isOwn)) findFactsIn(fastify, trust)
  else if (trusted !== undefined) setTrust(fastify, trust)
}

function setTrust(fastify: FastifyInstance, trust: Trust): void {
  const own = fastify.getDecorator<Trust>(TRUSTED)
  if (own.trusted !== undefined) throw new Error('trusted proxies can be set only once per scope')
  Object.assign(own, trust)
}

/**
 * Replaces facts that the app knows better than the request shows: for example behind a load balancer that transfers
 * the client's address or the host in its own way. Call it before registering plugins that use the facts.
 *
 * security: every decision about the request follows from what `known` returns. An error that it throws ends only that
 * request.
 */
export function assumeFacts(
  fastify: FastifyInstance,
  known: (request: FastifyRequest) => KnownFacts
): void {
  useFacts(fastify)
  fastify.addHook('onRequest', (request, _reply, done) => {
    try {
      request.facts = request.facts.with(known(request))
    } catch (error) {
      return done(error as Error)
    }
    done()
  })
}

/** The facts of a request for which no hook has run, such as a request that Fastify could not route. */
export function findFacts(fastify: FastifyInstance, request: FastifyRequest): RequestFacts {
  const { trusted, clientIpHeader } = fastify.getDecorator<Trust>(TRUSTED)
  return new RequestFacts(request, originForm(request.raw), trusted, clientIpHeader)
}

function declareFacts(fastify: FastifyInstance): void {
  fastify.decorateRequest(FACTS, undefined)
  fastify.decorateRequest('facts', {
    getter(this: FastifyRequest & Found) {
      return this[FACTS] ?? RequestFacts.unknown
    },
    setter(this: FastifyRequest & Found, facts: RequestFacts) {
      this[FACTS] = facts
    }
  })
  fastify.decorateReply(END_LISTENERS, undefined)
  // An app may have declared these for itself.
  for (const [name, value] of [
    ['identity', undefined],
    ['kind', undefined],
    ['bodySize', 0]
  ] as const)
    if (!fastify.hasRequestDecorator(name)) fastify.decorateRequest(name, value)
  if (!fastify.hasReplyDecorator('bodySize')) fastify.decorateReply('bodySize', 0)
}

function findFactsIn(fastify: FastifyInstance, own: Trust): void {
  fastify.decorate(TRUSTED, own)
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request
    const target = originForm(raw)
    if (target !== raw.url) raw.url = target
    try {
      request.facts = new RequestFacts(request, target, own.trusted, own.clientIpHeader)
    } catch (error) {
      // The app's own `trustProxy` may throw.
      return done(error as Error)
    }
    done()
  })
}
