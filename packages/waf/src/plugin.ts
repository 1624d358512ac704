/**
 * A web application firewall: matches every request against rules, which are data in the live store or in the options,
 * and refuses matching requests.
 */

import { callbackify } from 'node:util'
import { publisherOf, useFacts, useSites, wafEvents } from '@reliw/http'
import type { WafMode } from '@reliw/model'
import { normalizeAddress, parseOptions } from '@reliw/options'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { act } from './act.ts'
import { audit } from './events.ts'
import { evaluate } from './evaluate.ts'
import { WafOptions } from './options.ts'
import { type HostRules, RuleSource } from './rule-source.ts'
import type { WafVerdict } from './verdict.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The verdict, once the request has been evaluated; undefined if no rule matched. */
    waf: WafVerdict | undefined
  }
  interface FastifyContextConfig {
    /** `false`: requests of the route are not evaluated; `mode`: overrides the mode of the rules. */
    waf?: false | { mode: WafMode }
  }
}

async function wafPlugin(fastify: FastifyInstance, options: WafOptions): Promise<void> {
  const settings = parseOptions('@reliw/waf', WafOptions, options)
  const { store, onVerdict } = settings
  const source = new RuleSource(store, settings.rules, settings)
  const publisher = publisherOf(fastify)

  useFacts(fastify)
  useSites(fastify, store?.sites)
  let hasRoutes = false
  fastify.decorateRequest('waf', undefined)
  // Fastify builds `request.routeOptions` at each access: not read while no route has a `waf` config.
  fastify.addHook('onRoute', ({ config }) => {
    hasRoutes ||= config?.waf !== undefined
  })
  fastify.addHook('onRequest', inspect)

  function inspect(
    request: FastifyRequest,
    reply: FastifyReply,
    next: (error?: Error) => void
  ): void {
    const waf = hasRoutes ? request.routeOptions.config.waf : undefined
    if (waf === false || waf?.mode === 'off') return next()
    try {
      const rules = source.rulesOf(request.facts.site ?? '')
      if (!(rules instanceof Promise)) return judge(request, reply, rules, next)
      callbackify(async () => rules)((error: Error | null, found?: HostRules) => {
        if (error !== null || found === undefined) next(error ?? undefined)
        else judge(request, reply, found, next)
      })
    } catch (error) {
      next(error as Error)
    }
  }

  function judge(
    request: FastifyRequest,
    reply: FastifyReply,
    rules: HostRules,
    next: (error?: Error) => void
  ): void {
    const { mode } = (hasRoutes && request.routeOptions.config.waf) || rules
    const evaluation = evaluate(request.raw, rules, mode, settings)
    if (evaluation === undefined) return next()
    const { verdict, us } = evaluation
    const { host = '', site = '' } = request.facts
    if (wafEvents.examined.hasSubscribers) wafEvents.examined.publish({ publisher, host, us })
    if (verdict === undefined) return next()
    request.waf = verdict
    const clientIp = clientOf(request, rules.ipHeader)
    const { method = '', url: target = '' } = request.raw
    const evaluated = { publisher, requestId: request.id, host, site, clientIp, method, target }
    audit(fastify.log, verdict, evaluated)
    try {
      onVerdict?.(verdict, request)
    } catch (error) {
      return next(error as Error)
    }
    if (verdict.action !== 'block') return next()
    if (clientIp !== '') publishBlocked(clientIp)
    act(rules.action, request, reply, next)
  }

  /**
   * Publishes the address of a blocked client on the store's channel `WAFFERS`. The response does not wait for it;
   * errors are ignored.
   */
  function publishBlocked(clientIp: string): void {
    if (store === undefined) return
    store.driver.publish(store.keys.channel('WAFFERS'), clientIp).catch(() => undefined)
  }
}

/**
 * The address of the blocked client.
 *
 * security: a client would forge the header `ipHeader`: it counts only if the peer is a trusted proxy.
 */
function clientOf({ raw, facts }: FastifyRequest, ipHeader: string | undefined): string {
  const { clientIp, isPeerTrusted } = facts
  if (ipHeader === undefined || !isPeerTrusted) return clientIp
  const named = raw.headers[ipHeader.toLowerCase()]
  return (typeof named === 'string' ? normalizeAddress(named.trim()) : undefined) ?? clientIp
}

export const waf = fp(wafPlugin, { fastify: '5.x', name: '@reliw/waf' })
