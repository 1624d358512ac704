import { wafEvents, type WafEvent } from '@reliw/http'
import type { FastifyBaseLogger } from 'fastify'
import { scrub } from './scrub.ts'
import type { WafVerdict } from './verdict.ts'

/** The evaluated request, as verdict events and logs describe it. */
type Evaluated = Pick<
  WafEvent,
  'publisher' | 'requestId' | 'host' | 'site' | 'clientIp' | 'method' | 'target'
>

/** Publishes a verdict on its channel, and logs it; both without known secrets. */
export function audit(log: FastifyBaseLogger, verdict: WafVerdict, request: Evaluated): void {
  const { matches, ...rest } = verdict
  const { requestId, host, clientIp, method } = request
  const target = scrub('query', request.target)
  const value = scrub(rest.where, matches.find(({ rule }) => rule === rest.rule)?.value ?? '')
  if (wafEvents.verdict.hasSubscribers) {
    wafEvents.verdict.publish({ ...rest, ...request, target, value })
  }
  const { action, rule, ruleSet: rule_set, where, score, isOverBudget: over_budget, us } = rest
  const waf = { action, rule, rule_set, where, value, score, over_budget, us }
  log.warn(
    {
      audit: true,
      request_id: requestId,
      vhost: host,
      client_ip: clientIp,
      method,
      path: target,
      waf
    },
    'waf'
  )
}
