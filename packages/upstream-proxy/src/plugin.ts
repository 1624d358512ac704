/**
 * A reverse proxy: forwards requests to the origins of upstreams. Upstreams are data, from the live store or the
 * options, and read anew for every request.
 */

import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { callbackify } from 'node:util'
import {
  awaitsTurn,
  closeAfter,
  decideUpgrades,
  hasLeft,
  onServer,
  onTurn,
  publisherOf,
  useFacts
} from '@reliw/http'
import type { Live, Upstream } from '@reliw/model'
import { guarded, parseOptions } from '@reliw/options'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { NameResolver } from './connect/resolver.ts'
import { BadRequest, CannotForward, ExpectationFailed } from './errors.ts'
import type { ForwardContext } from './forward/context.ts'
import { bodyLength } from './forward/body-framing.ts'
import { acceptExpectations, expectationOf } from './forward/expectations.ts'
import { forward as forwardTo } from './forward/forward.ts'
import { endAfter, lastRequestOf, makeLast } from './forward/last-answer.ts'
import { mayUpgrade, responseToUpgrade } from './forward/upgrade.ts'
import type { Withheld } from './headers/received-request.ts'
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
    upstream: AskedUpstream | undefined
  }
  interface FastifyContextConfig {
    /** The name of the upstream to which the route's requests are forwarded, body unread. */
    upstream?: string
  }
}

/** The upstream to which a request is forwarded. */
export interface AskedUpstream {
  readonly name: string
  /** The last origin that was tried: `host:port`, or the path of a Unix socket; undefined for none. */
  origin: string | undefined
}

const CHALLENGE = '/.well-known/acme-challenge/'

async function upstreamProxyPlugin(
  fastify: FastifyInstance,
  options: UpstreamProxyOptions
): Promise<void> {
  const settings = parseOptions('@reliw/upstream-proxy', UpstreamProxyOptions, options)
  const { store, upstreams } = settings
  const named = new Map(Object.entries(upstreams ?? {}))
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
    traceparent: settings.traceparent ?? (() => undefined)
  }
  const challenges = store?.view(async (key, reader) => {
    const [host = '', name = ''] = key.split('\n')
    return (await store.sites.data(host, name, reader)) !== undefined
  })

  useFacts(fastify)
  fastify.decorateRequest('upstream', undefined)
  fastify.decorate('forward', forward)
  fastify.decorate('upstreams', () => groups.state)
  fastify.addHook('onRequest', keepOrder)
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
    const { host } = request.facts
    // `*` means this server, not an origin (RFC 9110 9.3.7).
    if (host === undefined || request.raw.url === '*') return next()
    try {
      const to = upstreamOf(host, request)
      if (to === undefined) return next()
      if (!(to instanceof Promise)) return forward(request, reply, host, to)
      callbackify(async () => to)((error: Error | null, found?: Upstream) => {
        if (error !== null || found === undefined) next(error)
        else forward(request, reply, host, found)
      })
    } catch (error) {
      next(error as Error)
    }
  }

  function upstreamOf(host: string, request: FastifyRequest): Live<Upstream | undefined> {
    if (store === undefined) return named.get(host)
    const found = store.sites.proxy(host)
    if (found === undefined || request.facts.strictPath?.startsWith(CHALLENGE) !== true)
      return found
    return unlessChallenged(host, request, found)
  }

  /** An ACME token stored for the host takes precedence over its upstream (RFC 8555 8.3). */
  async function unlessChallenged(
    host: string,
    request: FastifyRequest,
    found: Live<Upstream | undefined>
  ): Promise<Upstream | undefined> {
    const name = request.facts.path.slice(1)
    return (await challenges?.get(`${host}\n${name}`)) === true ? undefined : found
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
    request.upstream = { name, origin: undefined }
    request.kind ??= 'upstream'
    if (request.raw.readableDidRead) {
      reply.send(new CannotForward('the body was read before the request could be forwarded'))
    } else if (!mayAsk(request, to) || request.facts.host === undefined) {
      makeLast(reply)
      reply.send(new BadRequest())
    } else {
      const withheld = settings.withhold?.(request)
      if (!(withheld instanceof Promise)) return inTurn(request, reply, name, to, withheld)
      const go = (found: Withheld | undefined): void => inTurn(request, reply, name, to, found)
      withheld.then(go).catch((error: unknown) => void reply.send(error))
    }
  }

  function inTurn(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    to: Upstream,
    withheld: Withheld | undefined
  ): void {
    if (!awaitsTurn(reply.raw) || hasLeft(reply.raw))
      return forwardTo(context, groups.get(name, to), request, reply, withheld)
    // A pipelined request waits for its turn: until then, a disconnect of its client would go unnoticed.
    const go = guarded(
      (): void => {
        stopWaiting()
        reply.raw.off('close', go)
        forwardTo(context, groups.get(name, to), request, reply, withheld)
      },
      (error) => void reply.send(error)
    )
    const stopWaiting = onTurn(reply.raw, go)
    reply.raw.once('close', go)
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
function mayAsk(request: FastifyRequest, { escaped_path }: Upstream): boolean {
  const { path, isPathAmbiguous } = request.facts
  return path.startsWith('/') && (!isPathAmbiguous || escaped_path === 'pass')
}

/**
 * Refuses whatever follows the last request of a connection: it is not a request. Must see the requests of a connection
 * in the order in which they arrived, each either at once or in its turn: the last request may be known before earlier
 * ones begin.
 */
function keepOrder(
  { raw }: FastifyRequest,
  reply: FastifyReply,
  next: (error?: Error) => void
): void {
  if (bodyLength(raw) === 'invalid') endAfter(raw)
  const last = lastRequestOf(raw)
  if (last === undefined) return next()
  if (last === raw) {
    closeAfter(reply.raw)
    return next()
  }
  const isLater = awaitsTurn(reply.raw) || last.destroyed
  next(isLater ? new BadRequest() : undefined)
}

export const upstreamProxy = fp(upstreamProxyPlugin, {
  fastify: '5.x',
  name: '@reliw/upstream-proxy'
})
