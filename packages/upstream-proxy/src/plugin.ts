/**
 * A reverse proxy: forwards requests to the origins of upstreams. Upstreams are data, from the live store or the
 * options, and read anew for every request.
 */

import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { callbackify } from 'node:util'
import {
  answersPreflight,
  awaitsTurn,
  decideUpgrades,
  hasLeft,
  onServer,
  publisherOf,
  readHeaderRules,
  respond,
  useFacts,
  useHeaderRules,
  useOutlet,
  useSites
} from '@reliw/http'
import { headersOfSite, type Upstream } from '@reliw/model'
import { guarded, guardPromise, parseOptions } from '@reliw/options'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { NameResolver } from './connect/resolver.ts'
import { BadRequest, CannotForward, ExpectationFailed } from './errors.ts'
import type { ForwardContext } from './forward/context.ts'
import { acceptExpectations, expectationOf } from './forward/expectations.ts'
import { forward as forwardTo } from './forward/forward.ts'
import { makeLast } from './forward/last-request.ts'
import { goInTurn, keepOrder } from './forward/pipelining.ts'
import { mayUpgrade, responseToUpgrade } from './forward/upgrade.ts'
import type { Withheld } from './headers/received-request.ts'
import { HostUpstreams } from './host-upstreams.ts'
import { UpstreamProxyOptions } from './options.ts'
import { Tunnels } from './tunnel/tunnels.ts'
import type { UpstreamState } from './upstream/group.ts'
import { Groups } from './upstream/groups.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Forwards a request to an upstream; a response is sent in every case. The request's body must not have been read.
     *
     * @param name names the upstream in events and logs; it has one definition at a time
     */
    forward: (request: FastifyRequest, reply: FastifyReply, name: string, to: Upstream) => void
    /** The state of the upstreams that were used in the last ten minutes. */
    upstreams: () => UpstreamState[]
  }
  interface FastifyRequest {
    /** The upstream of the request, even if the request was refused there; undefined when it is not forwarded. */
    upstream: RequestUpstream | undefined
  }
  interface FastifyContextConfig {
    /** The name of the upstream to which the route's requests are forwarded, body unread. */
    upstream?: string
  }
}

/** The upstream to which a request is forwarded. */
export interface RequestUpstream {
  readonly name: string
  /** The last origin that was tried: `host:port`, or the path of a Unix socket; undefined for none. */
  origin: string | undefined
  /** Rules for the headers of the request and of its response. */
  readonly headers: Upstream['headers']
}

async function upstreamProxyPlugin(
  fastify: FastifyInstance,
  options: UpstreamProxyOptions
): Promise<void> {
  const settings = parseOptions('@reliw/upstream-proxy', UpstreamProxyOptions, options)
  const { store, upstreams } = settings
  const named = new Map(Object.entries(upstreams ?? {}))
  const hosts = new HostUpstreams(store, named)
  const hasNames = store === undefined || named.size > 0
  const groups = new Groups(
    fastify.log,
    publisherOf(fastify),
    new NameResolver({ servers: settings.resolver })
  )
  const tunnels = new Tunnels(groups.deadlines)
  const context: ForwardContext = {
    publisher: groups.publisher,
    deadlines: groups.deadlines,
    pseudonym: groups.pseudonym,
    tunnels,
    maxBodySize: settings.max_body_size,
    siteBodySize: settings.site_body_size ?? (() => undefined),
    traceparent: settings.traceparent ?? (() => undefined)
  }

  useFacts(fastify)
  useHeaderRules(fastify, store && (({ facts }) => headersOfSite(store, facts.site)))
  useOutlet(fastify)
  fastify.decorateRequest('upstream', undefined)
  fastify.decorate('forward', forward)
  fastify.decorate('upstreams', () => groups.state)
  fastify.addHook('onRequest', keepOrder)
  // After the hook above, because this one may wait.
  useSites(fastify, store?.sites)
  fastify.addHook('preParsing', divert)
  // Not awaited: the server stops listening only after this hook, and then waits for all connections itself.
  let drained: Promise<void> | undefined
  fastify.addHook('preClose', async () => {
    drained = tunnels.drain(settings.drain_timeout)
  })
  fastify.addHook('onClose', async () => {
    await drained
    groups.close()
  })
  onServer(fastify, acceptUpgrades)

  /** Takes the requests of hosts and routes that have an upstream, before their bodies are read. */
  function divert(
    request: FastifyRequest,
    reply: FastifyReply,
    _payload: unknown,
    next: (error?: Error | null) => void
  ): void {
    if (expectationOf(request.raw) === 'other') {
      makeLast(reply)
      return next(new ExpectationFailed())
    }
    // Fastify builds `routeOptions` anew at every access.
    const upstream = hasNames ? request.routeOptions.config.upstream : undefined
    if (upstream !== undefined) {
      const to = named.get(upstream)
      if (to === undefined) return next(new CannotForward(`there is no upstream "${upstream}"`))
      return forward(request, reply, upstream, to)
    }
    const { site, hostSite } = request.facts
    // `*` means this server, not an origin (RFC 9110 9.3.7).
    if (site === undefined || request.raw.url === '*') return next()
    // Redirected by whatever serves content.
    if (hostSite?.redirect !== undefined) return next()
    try {
      const to = hosts.find(site, request)
      if (to === undefined) return next()
      if (to instanceof Promise) forwardWhenRead(request, reply, site, to, next)
      else forward(request, reply, site, to)
    } catch (error) {
      next(error as Error)
    }
  }

  // Here and below: a function with a closure costs an allocation even when the closure is not made, so the rare cases
  // have functions of their own.
  function forwardWhenRead(
    request: FastifyRequest,
    reply: FastifyReply,
    site: string,
    to: Promise<Upstream | undefined>,
    next: (error?: Error | null) => void
  ): void {
    callbackify(async () => to)((error: Error | null, found?: Upstream) => {
      if (error !== null || found === undefined) next(error)
      else forward(request, reply, site, found)
    })
  }

  /** An exception ends this request only, whether a hook or the app made the call. */
  function forward(request: FastifyRequest, reply: FastifyReply, name: string, to: Upstream): void {
    try {
      forwardNow(request, reply, name, to)
    } catch (error) {
      reply.send(error)
    }
  }

  function forwardNow(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    to: Upstream
  ): void {
    request.upstream = { name, origin: undefined, headers: to.headers }
    request.kind ??= 'upstream'
    if (request.raw.method === 'OPTIONS') {
      const reading = readHeaderRules(request)
      if (reading !== undefined) return forwardWithRules(request, reply, name, to, reading)
      if (answersPreflight(request)) return respond(reply, 204, [])
    }
    if (request.raw.readableDidRead) {
      reply.send(new CannotForward('the body was read before the request could be forwarded'))
    } else if (!acceptsTarget(request, to) || request.facts.host === undefined) {
      makeLast(reply)
      reply.send(new BadRequest())
    } else {
      const withheld = settings.withhold?.(request)
      if (withheld instanceof Promise) forwardWhenWithheld(request, reply, name, to, withheld)
      else inTurn(request, reply, name, to, withheld)
    }
  }

  function forwardWithRules(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    to: Upstream,
    reading: Promise<void>
  ): void {
    const forwarded = reading.then(() => forward(request, reply, name, to))
    guardPromise(forwarded, (error) => void reply.send(error))
  }

  function forwardWhenWithheld(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    to: Upstream,
    withheld: Promise<Withheld | undefined>
  ): void {
    withheld
      .then((found) => inTurn(request, reply, name, to, found))
      .catch((error: unknown) => void reply.send(error))
  }

  function inTurn(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    to: Upstream,
    withheld: Withheld | undefined
  ): void {
    if (awaitsTurn(reply.raw) && !hasLeft(reply.raw))
      return waitForTurn(request, reply, name, to, withheld)
    forwardTo(context, groups.get(name, to), request, reply, withheld)
  }

  function waitForTurn(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    to: Upstream,
    withheld: Withheld | undefined
  ): void {
    goInTurn(reply, () => forwardTo(context, groups.get(name, to), request, reply, withheld))
  }

  function acceptUpgrades(server: Server): void {
    decideUpgrades(server, mayUpgrade)
    acceptExpectations(server)
    server.on('upgrade', (raw: IncomingMessage, socket: Socket, head: Buffer) => {
      const pass = guarded(
        () => fastify.routing(raw, responseToUpgrade(raw, socket, head)),
        () => socket.destroy()
      )
      tunnels.expect(socket)
      pass()
    })
  }
}

/** Whether the upstream accepts the request target. */
function acceptsTarget(request: FastifyRequest, { escaped_path }: Upstream): boolean {
  const { path, isPathAmbiguous } = request.facts
  return path.startsWith('/') && (!isPathAmbiguous || escaped_path === 'pass')
}

export const upstreamProxy = fp(upstreamProxyPlugin, {
  fastify: '5.x',
  name: '@reliw/upstream-proxy'
})
