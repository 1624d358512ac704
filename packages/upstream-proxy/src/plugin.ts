/**
 * A reverse proxy: forwards requests to the origins of upstreams that are data, in the live store or in the
 * options, and current at every request.
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
     * Forwards a request to an upstream, and answers it, whatever comes of it. Its body must not have been read.
     *
     * @param name what events and logs call the upstream; one description per name at a time
     */
    forward: (request: FastifyRequest, reply: FastifyReply, name: string, to: Upstream) => void
    /** How the upstreams are that were asked in the last ten minutes. */
    upstreams: () => UpstreamState[]
  }
  interface FastifyRequest {
    /** Where the request is forwarded to, also when it is refused there; undefined: it is not. */
    upstream: AskedUpstream | undefined
  }
  interface FastifyContextConfig {
    /** Forwards the route's requests to the upstream of that name, body unread. */
    upstream?: string
  }
}

/** The upstream that a request is forwarded to. */
export interface AskedUpstream {
  readonly name: string
  /** The last origin that was asked: `host:port`, or the path of a Unix socket; undefined: none. */
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
  // Not waited for: only then the server stops listening, and it waits for all connections itself.
  let drained: Promise<void> | undefined
  fastify.addHook('preClose', async () => {
    drained = tunnels.drain(settings.drain_timeout)
  })
  fastify.addHook('onClose', async () => {
    await drained
    groups.close()
  })
  onServer(fastify, acceptUpgrades)

  /** Takes requests of hosts and routes that have an upstream, before anyone reads their bodies. */
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
    // Fastify puts together what it knows of a route each time that it is asked.
    const upstream = hasNames ? request.routeOptions.config.upstream : undefined
    if (upstream !== undefined) {
      const to = named.get(upstream)
      if (to === undefined) return next(new CannotForward(`there is no upstream "${upstream}"`))
      return forward(request, reply, upstream, to)
    }
    const { host } = request.facts
    // `*` is this server, not what is behind it (RFC 9110 9.3.7).
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

  /** An ACME token that is stored for the host goes before its upstream (RFC 8555 8.3). */
  async function unlessChallenged(
    host: string,
    request: FastifyRequest,
    found: Live<Upstream | undefined>
  ): Promise<Upstream | undefined> {
    const name = request.facts.path.slice(1)
    return (await challenges?.get(`${host}\n${name}`)) === true ? undefined : found
  }

  /** Whatever calls it: what it throws is the end of this request alone. */
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
    // Behind others of its connection: nobody would hear of its client's leaving before its turn.
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

/** Whether the target is one that the upstream takes. */
function mayAsk(request: FastifyRequest, { escaped_path }: Upstream): boolean {
  const { path, isPathAmbiguous } = request.facts
  return path.startsWith('/') && (!isPathAmbiguous || escaped_path === 'pass')
}

/**
 * What came after the last request of its connection is none. Has to see requests in the order they came in, each
 * either at once or in its turn: then the last may be known before earlier ones begin.
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
