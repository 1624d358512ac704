/**
 * Admission: gives every request its id and its client's address. Refuses requests with an invalid framing, host,
 * method or path, requests of banned clients, requests beyond a rate limit, and all requests while the process is
 * overloaded.
 */

import { setTimeout } from 'node:timers/promises'
import {
  echoRequestId,
  hasLeft,
  limitsEvents,
  onEnd,
  onServer,
  publisherOf,
  type RefusedEvent,
  senderAddress,
  useFacts,
  useSites
} from '@reliw/http'
import { type Entry, Keyspace, type Live } from '@reliw/model'
import { AddressSet, guardPromise, parseOptions } from '@reliw/options'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type Bans, openBans } from './bans/open-bans.ts'
import { Concurrency } from './concurrency.ts'
import { ConnectionGuard } from './connections/guard-server.ts'
import { Banned, BodyTooLarge, Overloaded, TooManyRequests } from './errors.ts'
import { validateRequest } from './validate-request.ts'
import { SiteGate } from './maintenance/site-gate.ts'
import type { HeldRequests } from './maintenance/held-requests.ts'
import { LimitsOptions } from './options.ts'
import type { Pressure } from './pressure/gauge.ts'
import type { PressureLevel } from './pressure/level.ts'
import type { Resource } from './pressure/resources.ts'
import { startPressure } from './pressure/start-pressure.ts'
import type { Counted } from './rates/client-of.ts'
import { hostsOf } from './rates/counted-host.ts'
import { Limiter } from './rates/limiter.ts'
import { Rates } from './rates/rates.ts'
import { createRequestIds } from './request-id.ts'
import { limitsOf, type SiteLimits } from './site-limits.ts'
import { blocksOf } from './trusted-proxies/trusted-proxy.ts'

/** The state of the limits, for metrics and health checks. */
export interface LimitsState {
  readonly pressure: Pressure
  readonly limiter: Limiter
  readonly concurrency: Concurrency
  readonly connections: ConnectionGuard
  /** Requests that wait for the end of a maintenance. */
  readonly held: HeldRequests
  /** Undefined without a store. */
  readonly bans: Bans | undefined
}

declare module 'fastify' {
  interface FastifyInstance {
    limits: LimitsState
    /**
     * Checks a request against the limits of its entry, once the entry and the user are known. Throws, or rejects with,
     * a refusal.
     */
    limit: (request: FastifyRequest, reply: FastifyReply, entry: Entry) => Live<true>
  }
  interface FastifyRequest {
    /** The limits of the request's site, once they have been read. */
    siteLimits: SiteLimits | undefined
  }
  interface FastifyContextConfig {
    /** `exempt`: never refused for overload or too many concurrent requests, as health checks should be. */
    limits?: { exempt?: boolean }
  }
}

/** How long start-up waits for the ban list, in milliseconds. */
const BANS_TIMEOUT = 500
/** Retry-After for overload and too many concurrent requests, in seconds. */
const RETRY_AFTER = '5'

async function limitsPlugin(fastify: FastifyInstance, options: LimitsOptions): Promise<void> {
  const settings = parseOptions('@reliw/limits', LimitsOptions, options)
  const { store, max_concurrent_requests: maxTotal, max_concurrent_per_host: maxPerHost } = settings
  const { log } = fastify
  const allowed = new AddressSet(settings.allow)
  const trusted = new AddressSet(blocksOf(settings.trusted_proxies))
  const connections = new ConnectionGuard(settings, { trusted, allowed }, log)
  const concurrency = new Concurrency()
  const limiter = new Limiter({
    driver: store?.driver,
    isConnected: () => store?.connected !== false,
    onChange: (isShared, cause) =>
      isShared
        ? log.info('limits are counted in the store again')
        : log.warn({ limits: { cause: String(cause) } }, 'limits are counted by this process alone')
  })
  const rates = new Rates(
    limiter,
    store?.keys ?? new Keyspace('RLW'),
    settings.rate_limits,
    hostsOf(store)
  )
  const bans =
    store &&
    openBans(store, log, {
      rules: settings.auto_ban,
      allowed,
      trusted,
      limiter,
      publisher: publisherOf(fastify)
    })
  const gate = new SiteGate({
    limitsOf: (request) => limitsOf(store, siteOf(request)),
    refuseBanned: (request, reply) =>
      isBanned(request, request.siteLimits) ? refuseBanned(request, reply) : undefined,
    refused: (request) => reportRefused(request, 'maintenance')
  })
  const stopWatching = store?.watch(store.keys.settings(''), () => gate.held.release())
  const { pressure, close } = await startPressure(
    settings.pressure,
    reportPressure,
    relieve,
    (err) => log.error({ err }, 'pressure could not be read')
  )

  fastify.setGenReqId(createRequestIds(({ socket }) => trusted.has(senderAddress(socket))))
  useFacts(fastify, trusted, settings.client_ip_header)
  useSites(fastify, store?.sites)
  echoRequestId(fastify)
  fastify.decorateRequest('siteLimits', undefined)
  fastify.decorate('limits', {
    pressure,
    limiter,
    concurrency,
    connections,
    held: gate.held,
    bans
  })
  fastify.decorate('limit', limit)
  onServer(fastify, (server) => connections.guard(server))
  fastify.addHook('onRequest', onRequest)
  if (settings.auto_ban.not_found !== undefined) {
    fastify.addHook('onResponse', async ({ facts }, { raw }) => {
      if (raw.statusCode === 404) bans?.auto.notFound(facts.clientIp)
    })
  }
  // security: start-up waits for the ban list, so that banned clients are refused from the first request on; but not
  // for long, as the store may be unavailable.
  fastify.addHook('onReady', async () => {
    await Promise.race([bans?.list.loaded, setTimeout(BANS_TIMEOUT, undefined, { ref: false })])
  })
  // Requests that wait would hold up the stop of the server.
  fastify.addHook('preClose', async () => gate.held.close())
  fastify.addHook('onClose', async () => {
    stopWatching?.()
    close()
    connections.close()
    await bans?.auto.close()
    await bans?.list.close()
  })

  function reportPressure(level: PressureLevel, resource: Resource, share: number): void {
    const fields = { limits: { pressure: level, resource, share: Math.round(share * 100) / 100 } }
    if (level === 'normal') log.info(fields, 'pressure changed')
    else log.warn(fields, 'pressure changed')
  }

  function relieve(): void {
    try {
      settings.relieve?.()
    } catch (err) {
      log.error({ err }, 'memory could not be released')
    }
  }

  function onRequest(
    request: FastifyRequest,
    reply: FastifyReply,
    done: (error?: Error) => void
  ): void {
    const refusal = validateRequest(request, reply, settings)
    if (refusal !== undefined) {
      return done(isBanned(request) ? refuseBanned(request, reply) : refusal)
    }
    connections.watch(reply.raw, request.id)
    const site = limitsOf(store, siteOf(request))
    if (!(site instanceof Promise)) return admit(request, reply, site, done)
    const admitted = site.then((found) => admit(request, reply, found, done))
    guardPromise(admitted, (error) => void reply.send(error))
  }

  function admit(
    request: FastifyRequest,
    reply: FastifyReply,
    site: SiteLimits,
    goOn: (error?: Error) => void
  ): void {
    request.siteLimits = site
    if (isBanned(request, site)) return goOn(refuseBanned(request, reply))
    const refusal = refuseOverload(request, reply, site)
    if (refusal !== undefined) return goOn(refusal)
    if (isAllowed(request, site)) return gate.enter(request, reply, site, goOn)
    try {
      const admitted = rates.admit(counted(request), reply, siteOf(request), site.rate_limits)
      if (admitted === true) return gate.enter(request, reply, site, goOn)
      const continued = admitted.then(() => gate.enter(request, reply, site, goOn), goOn)
      guardPromise(continued, (error) => void reply.send(error))
    } catch (error) {
      goOn(error as Error)
    }
  }

  function isAllowed({ facts }: FastifyRequest, site?: SiteLimits): boolean {
    return allowed.has(facts.clientIp) || site?.allow?.has(facts.clientIp) === true
  }

  function isBanned(request: FastifyRequest, site?: SiteLimits): boolean {
    return bans?.list.has(request.facts.clientIp) === true && !isAllowed(request, site)
  }

  /** Counts the request as in flight until its response closes; returns the refusal if it is not admitted. */
  function refuseOverload(
    request: FastifyRequest,
    reply: FastifyReply,
    site: SiteLimits
  ): Error | undefined {
    const ofHost = site.max_concurrent_requests ?? maxPerHost
    const isCounted = maxTotal !== undefined || ofHost !== undefined
    if (!pressure.isOverloaded && !isCounted) return undefined
    if (request.routeOptions.config.limits?.exempt === true) return undefined
    const name = siteOf(request)
    // After the client has left, `close` is not emitted again: the request would count as in flight for ever.
    const isConnected = !hasLeft(reply.raw)
    if (!pressure.isOverloaded && isConnected && concurrency.enter(name, maxTotal, ofHost)) {
      onEnd(reply, () => concurrency.leave(name))
      return undefined
    }
    reply.header('retry-after', RETRY_AFTER)
    if (isConnected) reportRefused(request, pressure.isOverloaded ? 'overloaded' : 'concurrency')
    return pressure.isOverloaded ? new Overloaded() : new TooManyRequests()
  }

  function limit(request: FastifyRequest, reply: FastifyReply, entry: Entry): Live<true> {
    const { clientIp } = request.facts
    const length = Number(request.raw.headers['content-length'] ?? 0)
    const { siteLimits: ofSite } = request
    if (entry.proxy === undefined && length > (ofSite?.max_body_size ?? settings.max_body_size)) {
      reply.header('connection', 'close')
      reportRefused(request, 'body_size')
      throw new BodyTooLarge()
    }
    if (allowed.has(clientIp)) return true
    if (ofSite?.allow?.has(clientIp) === true) return true
    return rates.limit(
      counted(request),
      reply,
      { host: siteOf(request), entry },
      ofSite?.rate_limits ?? []
    )
  }
}

/** The site of a request; always set once the request is admitted. */
function siteOf({ facts }: FastifyRequest): string {
  return facts.site ?? ''
}

function counted(request: FastifyRequest): Counted {
  return { request, clientIp: request.facts.clientIp, user: request.identity?.user }
}

function refuseBanned(request: FastifyRequest, reply: FastifyReply): Error {
  reply.header('connection', 'close')
  reportRefused(request, 'banned')
  return new Banned()
}

function reportRefused(request: FastifyRequest, reason: RefusedEvent['reason']): void {
  const { refused } = limitsEvents
  if (!refused.hasSubscribers) return
  refused.publish({
    publisher: publisherOf(request.server),
    host: request.facts.host ?? '',
    site: siteOf(request),
    reason,
    clientIp: request.facts.clientIp,
    requestId: request.id
  })
}

export const limits = fp(limitsPlugin, { fastify: '5.x', name: '@reliw/limits' })
