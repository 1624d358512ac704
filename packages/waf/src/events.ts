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

/** The channels of `node:diagnostics_channel` that tell what happens, for metrics, logs and bans. */
export const channels = {
  verdict: channel('reliw.waf.verdict')
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
  const { action, rule, where, score, isOverBudget, us } = rest
  const waf = { action, rule, where, value, score, over_budget: isOverBudget, us }
  log.warn(
    { request_id: requestId, vhost: host, client_ip: clientIp, method, path: target, waf },
    'waf'
  )
}
