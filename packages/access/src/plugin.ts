/**
 * Access by address: refuses requests of clients that the rules of a site or of an entry (`allow_from`, `deny_from`) do
 * not admit, before any authentication.
 */

import { isIP } from 'node:net'
import { accessEvents, type AccessRefusedEvent, publisherOf, useFacts, useSites } from '@reliw/http'
import {
  type ClientRules,
  type Clients,
  type Entry,
  hasClientRules,
  type Live,
  type Settings
} from '@reliw/model'
import { guardPromise, parseOptions } from '@reliw/options'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { challengesOf } from './challenges.ts'
import { decide, type Decision } from './decide.ts'
import { Refused, Undecided } from './errors.ts'
import { findClient } from './find-client.ts'
import { openGeo } from './geo/open-geo.ts'
import { logIssues } from './log-issues.ts'
import { ListRefresher } from './lists/list-refresher.ts'
import { AccessOptions } from './options.ts'
import type { ClientSources } from './sources.ts'

/** Decisions about clients by their addresses. */
export interface Access {
  /**
   * Admits a request by the rules of the entry that serves it. Throws, or rejects with, the refusal.
   */
  admit: (request: FastifyRequest, entry: Entry) => Live<true>
  /**
   * Whether clients of a stored value, such as those that a setting exempts, include the client of a request; false
   * where that is not known. Throws, or rejects, when a list cannot be read.
   */
  includes: (clients: Clients, request: FastifyRequest) => Live<boolean>
}

declare module 'fastify' {
  interface FastifyInstance {
    access: Access
  }
  interface FastifyContextConfig {
    /** `exempt`: served to all clients, whatever the rules of the site, as health checks should be. */
    access?: { exempt?: boolean }
  }
}

async function accessPlugin(fastify: FastifyInstance, options: AccessOptions): Promise<void> {
  const { store, geo: files } = parseOptions('@reliw/access', AccessOptions, options)
  const { log } = fastify
  const publisher = publisherOf(fastify)
  const geo = openGeo(files, log)
  const refresher = new ListRefresher(store, publisher, log)
  const isChallenge = challengesOf(store)
  const report = logIssues(log)
  const sources: ClientSources = {
    list: (name) => store.sites.list(name),
    country: geo.country,
    asn: geo.asn
  }

  useFacts(fastify)
  useSites(fastify, store.sites)
  fastify.decorate('access', {
    admit: (request, entry) => check(request, entry, 'entry'),
    includes(clients, { facts }) {
      const found = findClient(clients, facts.clientIp, sources)
      return found instanceof Promise ? found.then(isTrue) : isTrue(found)
    }
  })
  fastify.addHook('onRequest', onRequest)
  fastify.addHook('onReady', async () => {
    geo.load()
    refresher.start()
  })
  fastify.addHook('onClose', async () => {
    geo.close()
    await refresher.close()
  })

  function onRequest(
    request: FastifyRequest,
    reply: FastifyReply,
    next: (error?: Error) => void
  ): void {
    let admitted: Live<boolean>
    try {
      const settings = store.sites.settings(request.facts.site ?? '')
      if (settings instanceof Promise) admitted = checkWhenRead(settings, request)
      else admitted = !hasClientRules(settings) || check(request, settings, 'site')
    } catch (error) {
      return fail(error as Error, request, next)
    }
    if (admitted instanceof Promise) goOnWhen(admitted, request, reply, next)
    else next()
  }

  // A function with a closure costs an allocation even when the closure is not made.
  async function checkWhenRead(
    settings: Promise<Settings>,
    request: FastifyRequest
  ): Promise<boolean> {
    const found = await settings
    return !hasClientRules(found) || check(request, found, 'site')
  }

  function check(request: FastifyRequest, rules: ClientRules, of: Rule): Live<true> {
    const { clientIp } = request.facts
    // security: `deny_from` cannot be checked without an address.
    const decision = isIP(clientIp) === 0 ? UNKNOWN : decide(rules, clientIp, sources)
    if (decision === 'allowed') return true
    if (!(decision instanceof Promise)) return settle(decision, request, rules, of)
    return decision.then((made) => settle(made, request, rules, of))
  }

  function settle(
    decision: Decision,
    request: FastifyRequest,
    rules: ClientRules,
    of: Rule
  ): Live<true> {
    if (decision === 'allowed' || (of === 'site' && isExempt(request))) return true
    const isChallenged = of === 'site' ? isChallenge(request) : undefined
    if (isChallenged === undefined) return refuse(decision, request, rules, of)
    return isChallenged.then((hasToken) => hasToken || refuse(decision, request, rules, of))
  }

  function refuse(
    decision: Exclude<Decision, 'allowed'>,
    request: FastifyRequest,
    rules: ClientRules,
    of: Rule
  ): never {
    const { host = '', site = '', clientIp } = request.facts
    const reason = typeof decision === 'string' ? decision : 'undecided'
    if (typeof decision !== 'string') report(rules, site, decision.issue)
    const { refused } = accessEvents
    if (refused.hasSubscribers)
      refused.publish({ publisher, host, site, reason, rule: of, clientIp, requestId: request.id })
    throw reason === 'undecided' ? new Undecided() : new Refused()
  }
}

/** security: a site whose rules cannot be read may have some. */
function fail(error: Error, request: FastifyRequest, goOn: (error?: Error) => void): void {
  if (isExempt(request)) goOn()
  else goOn(error)
}

/** An error is sent by the reply: Fastify must not be called back twice, even if the rest of the request throws. */
function goOnWhen(
  admitted: Promise<boolean>,
  request: FastifyRequest,
  reply: FastifyReply,
  goOn: (error?: Error) => void
): void {
  const continued = admitted.then(
    () => goOn(),
    (error: Error) => fail(error, request, goOn)
  )
  guardPromise(continued, (error) => void reply.send(error))
}

type Rule = AccessRefusedEvent['rule']

const UNKNOWN: Decision = { issue: 'the address of the client is not known' }

function isExempt({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.access?.exempt === true
}

function isTrue(found: unknown): boolean {
  return found === true
}

export const access = fp(accessPlugin, { fastify: '5.x', name: '@reliw/access' })
