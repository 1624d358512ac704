import { channel } from 'node:diagnostics_channel'
import type { FastifyBaseLogger } from 'fastify'
import { scrub } from './scrub.ts'
import type { WafVerdict } from './verdict.ts'

/** `reliw.waf.verdict`: a rule matched, or the rules took too long. */
export interface WafEvent extends Omit<WafVerdict, 'matches'> {
  readonly requestId: string
  readonly host: string
  /** '' when it is not known. */
  readonly clientIp: string
  readonly method: string
  /** The request target, clipped and without credentials. */
  readonly target: string
  /** What the rule found it in, clipped and without credentials. */
  readonly value: string
}

/**
 * `reliw.waf.examined`: the rules looked at a request, whether or not they found something. Not told of requests that
 * are known to be clean.
 */
export interface ExaminedEvent {
  readonly host: string
  /** What that took, in microseconds. */
  readonly us: number
}

/** The channels of `node:diagnostics_channel` that tell what happens, for metrics, logs and bans. */
export const channels = {
  verdict: channel('reliw.waf.verdict'),
  examined: channel('reliw.waf.examined')
}

/** Who and what a verdict is about. */
export interface Examined {
  readonly requestId: string
  readonly host: string
  readonly clientIp: string
  readonly method: string
  readonly target: string
}

/** Tells of a verdict: to the channel, and as a line of the log. */
export function audit(log: FastifyBaseLogger, verdict: WafVerdict, examined: Examined): void {
  const { matches, ...rest } = verdict
  const { requestId, host, clientIp, method } = examined
  const target = scrub('query', examined.target)
  const value = scrub(rest.where, matches.at(-1)?.value ?? '')
  const event: WafEvent = { ...rest, requestId, host, clientIp, method, target, value }
  channels.verdict.publish(event)
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
