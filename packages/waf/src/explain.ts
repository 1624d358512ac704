import type { WafAction, WafMode } from '@reliw/model'
import { parseOptions } from '@reliw/options'
import { evaluate, runRules } from './evaluate.ts'
import type { Match } from './match.ts'
import { WafOptions } from './options.ts'
import { HttpRequestView } from './request-view.ts'
import { RuleSource } from './rule-source.ts'
import { Transaction } from './transaction.ts'
import type { WafVerdict } from './verdict.ts'

/** Maximum number of steps in which all findings are collected; that many take seconds. */
const MAX_STEPS = 100_000_000

/** A hypothetical request. All strings are byte strings: one character from U+0000 to U+00FF per byte. */
export interface HypotheticalRequest {
  /** The host; the rules of its site apply besides those of all hosts. */
  readonly host: string
  readonly method: string
  /** The request target, such as `/x?y`. */
  readonly target: string
  /** Name, value, name, value, … */
  readonly headers: readonly string[]
}

/** A match of a rule, whether it counts or not. */
export interface Finding extends Match {
  /** Whether an exclusion covers the match. */
  readonly isExcluded: boolean
}

/** What the firewall would do with a request, and all that its rules match in it. */
export interface Explanation {
  /** As for a served request: undefined if no rule decides, or if the mode is `off`. */
  readonly verdict: WafVerdict | undefined
  readonly mode: WafMode
  /** What happens to the request if the verdict blocks it. */
  readonly action: WafAction
  /** All matches in the order of evaluation, also those after the decisive one, and in mode `off`. */
  readonly findings: readonly Finding[]
}

/**
 * Explains what the plugin, registered with these options, would do with a request. `onVerdict` is not called, and
 * nothing is logged or published. Rejects if the store does.
 *
 * security: the findings are collected beyond the budget: not for requests that clients choose.
 */
export async function explain(
  options: WafOptions,
  { host, method, target, headers }: HypotheticalRequest
): Promise<Explanation> {
  const settings = parseOptions('@reliw/waf', WafOptions, options)
  const { store } = settings
  const site = store === undefined || host === '' ? host : (await store.sites.siteOf(host)).name
  const rules = await new RuleSource(store, settings.rules, settings).rulesOf(site)
  const { mode, action } = rules
  const raw = { method, url: target, rawHeaders: headers }
  const verdict = evaluate(raw, rules, mode, settings)?.verdict
  const trace = new Trace(new HttpRequestView(raw), rules, MAX_STEPS)
  runRules(rules.sets, trace)
  return { verdict, mode, action, findings: trace.findings }
}

/** A transaction that never stops and records excluded matches as well. */
class Trace extends Transaction {
  readonly findings: Finding[] = []

  override add(match: Match, isExcluded: boolean): boolean {
    this.findings.push({ ...match, isExcluded })
    return false
  }
}
