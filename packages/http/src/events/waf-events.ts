import { eventChannel, type PublishedEvent } from '@reliw/options'
import type { RequestEvent } from './request-event.ts'

/** What the firewall found, and what it does about it. */
export interface WafFinding {
  /** What is done about it. */
  readonly action: 'block' | 'detect' | 'pass'
  /** Which rule decided. */
  readonly rule: string
  /** Whose it is: of all hosts (`__`), or of the host that was asked for. */
  readonly ruleSet: 'all' | 'host'
  /** Where it looked: `query`, or `header:<name>`. */
  readonly where: string
  /** The sum of what was found. */
  readonly score: number
  /** Whether the steps were used up instead of something being found. */
  readonly isOverBudget: boolean
  /** What the examination took, in microseconds. */
  readonly us: number
}

/** `reliw.waf.verdict`: a rule matched, or the rules took too long. */
export interface WafEvent extends WafFinding, RequestEvent {
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
export interface ExaminedEvent extends PublishedEvent {
  readonly host: string
  /** What that took, in microseconds. */
  readonly us: number
}

/** What the firewall does, for metrics, logs and bans. */
export const wafEvents = {
  verdict: eventChannel<WafEvent>('reliw.waf.verdict'),
  examined: eventChannel<ExaminedEvent>('reliw.waf.examined')
}
