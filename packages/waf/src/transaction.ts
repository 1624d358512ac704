import type { WafExclusion } from '@reliw/model'
import type { Match } from './match.ts'
import type { RequestView } from './request-view.ts'
import type { VerdictPolicy } from './verdict-policy.ts'

/** The evaluation of one request: what rule sets of every language share. */
export class Transaction {
  readonly view: RequestView
  /** The exclusions that apply to the host, for its own rules and for those of all hosts. */
  readonly exclusions: readonly WafExclusion[]
  /** Steps left for all rules together. */
  readonly budget: { left: number }
  /** The matches that no exclusion covers, in the order of evaluation. */
  readonly matches: Match[] = []
  readonly #policy: VerdictPolicy

  constructor(
    view: RequestView,
    { exclusions, policy }: { exclusions: readonly WafExclusion[]; policy: VerdictPolicy },
    steps: number
  ) {
    this.view = view
    this.exclusions = exclusions
    this.budget = { left: steps }
    this.#policy = policy
  }

  /** Adds a match, which counts unless an exclusion covers it. Returns whether evaluation stops. */
  add(match: Match, isExcluded: boolean): boolean {
    if (isExcluded) return false
    this.matches.push(match)
    return this.#policy.isFinal(this.matches)
  }
}
