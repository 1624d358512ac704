import type { AddressSet } from '@reliw/options'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { originForm } from './origin-form.ts'
import { type KnownFacts, RequestFacts } from './request-facts.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What has been found out of the request; there from the `onRequest` hooks of RELIW's plugins on. */
    facts: RequestFacts
    /** Who it is from, once that has been established. */
    identity: Identity | undefined
    /** What answers, once it is known, also where this client is refused it; undefined: nothing that is told apart. */
    kind: ResponseKind | undefined
    /** Bytes of the body that were read to be used, so far; of a tunnel, all that the client sent. */
    bodySize: number
  }
  interface FastifyReply {
    /** Bytes of the body that was sent by the outlet, before any transfer coding. */
    bodySize: number
  }
}

/** Who a request is from. Plugins that establish it may know more. */
export interface Identity {
  readonly user: string
  readonly groups: readonly string[]
}

/**
 * What answers a request, as metrics and logs tell it apart: a page that is put into a layout, a file of any other
 * content, a redirect, an upstream, a login or logout page.
 */
export type ResponseKind = 'file' | 'page' | 'redirect' | 'upstream' | 'login'

/** Where the app keeps its set of trusted proxies. */
const TRUSTED = Symbol('trusted proxies')

interface Trust {
  trusted: AddressSet | undefined
}

/**
 * Has the facts found out of every request that follows; whichever plugin asks first, it is done once. For plugins to
 * call before they add hooks of their own.
 *
 * @param trusted proxies that are believed. Without them, and until somebody gives them, what Fastify's own
 * `trustProxy` makes of `request.ip` and `request.protocol` counts
 */
export function useFacts(fastify: FastifyInstance, trusted?: AddressSet): void {
  if (!fastify.hasDecorator(TRUSTED)) addFacts(fastify)
  if (trusted !== undefined) fastify.getDecorator<Trust>(TRUSTED).trusted = trusted
}

/**
 * Has facts replaced that the app knows better than its requests: behind something that tells the client's address in
 * its own way, or names the host elsewhere. To be called before plugins are registered that use the facts.
 *
 * security: every decision about the request follows from what `known` returns. What it throws ends the request.
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

/** The facts of a request that no hook has seen, such as one that Fastify could not route. */
export function findFacts(fastify: FastifyInstance, request: FastifyRequest): RequestFacts {
  return new RequestFacts(request, fastify.getDecorator<Trust>(TRUSTED).trusted)
}

function addFacts(fastify: FastifyInstance): void {
  const trust: Trust = { trusted: undefined }
  fastify.decorate(TRUSTED, trust)
  fastify.decorateRequest('facts')
  fastify.decorateRequest('identity', undefined)
  fastify.decorateRequest('kind', undefined)
  fastify.decorateRequest('bodySize', 0)
  fastify.decorateReply('bodySize', 0)
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request
    const target = originForm(raw)
    if (target !== raw.url) raw.url = target
    try {
      request.facts = new RequestFacts(request, trust.trusted)
    } catch (error) {
      // The app's own `trustProxy` may throw.
      return done(error as Error)
    }
    done()
  })
}
