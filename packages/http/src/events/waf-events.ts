import { eventChannel, type PublishedEvent } from '@reliw/options'
import type { RequestEvent } from './request-event.ts'

/** The result of evaluating firewall rules. */
export interface WafFinding {
  /** The action taken. */
  readonly action: 'block' | 'detect' | 'pass'
  /** The rule that decided. */
  readonly rule: string
  /** The rule's owner: all hosts (`__`), or the requested host. */
  readonly ruleSet: 'all' | 'host'
  /** The part of the request that was examined: `query`, or `header:<name>`. */
  readonly where: string
  /** The total score of the matched rules. */
  readonly score: number
  /** Whether the evaluation ran out of steps, rather than finding a match. */
  readonly isOverBudget: boolean
  /** Duration of the evaluation, in microseconds. */
  readonly us: number
}

/** `reliw.waf.verdict`: a rule matched, or the evaluation exceeded its budget. */
export interface WafEvent extends WafFinding, RequestEvent {
  readonly method: string
  /** The request target, truncated and without credentials. */
  readonly target: string
  /** The value that the rule matched, truncated and without credentials. */
  readonly value: string
}

/**
 * `reliw.waf.examined`: the rules were evaluated for a request, with or without a match. Not published for requests
 * that are already known to be clean.
 */
export interface ExaminedEvent extends PublishedEvent {
  readonly host: string
  /** Duration of the evaluation, in microseconds. */
  readonly us: number
}

/** Firewall verdicts and evaluations, for metrics, logs and bans. */
export const wafEvents = {
  verdict: eventChannel<WafEvent>('reliw.waf.verdict'),
  examined: eventChannel<ExaminedEvent>('reliw.waf.examined')
}
