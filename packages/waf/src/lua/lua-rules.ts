import type { LuaPattern } from '@reliw/lua-pattern'
import { ANY_HOST, type WafRules } from '@reliw/model'
import type { Match } from '../match.ts'
import type { RequestView } from '../request-view.ts'
import type { RuleSet } from '../rule-set.ts'
import type { Transaction } from '../transaction.ts'
import { type CleanBudget, CleanValues } from './clean-values.ts'
import { isExcluded } from './exclusions.ts'
import { finds, type Rule } from './rule.ts'

/** The score of a match: one match of a Lua pattern is enough to act. */
const SCORE = 100

/** The rules for one part of a request. */
interface Place {
  /** `query`, or the name of a header. */
  readonly name: string
  readonly rules: readonly Rule[]
  /** Values that match none of the rules. */
  readonly clean: CleanValues
}

/** The rules of one host, or for all hosts, as in the data model: patterns for the target and for headers. */
export class LuaRules implements RuleSet {
  readonly #query: Place
  readonly #headers: readonly Place[]

  /** @param owner a host, or `__` for all hosts */
  constructor(owner: string, { query, headers }: WafRules, budget: CleanBudget) {
    const ruleSet = owner === ANY_HOST ? 'all' : 'host'
    const place = (name: string, where: string, patterns: readonly LuaPattern[]): Place => ({
      name,
      rules: patterns.map((pattern, at) => ({
        name: `${owner}/${where}/${at + 1}`,
        ruleSet,
        where,
        pattern
      })),
      clean: new CleanValues(budget)
    })
    this.#query = place('query', 'query', query)
    this.#headers = Object.entries(headers).map(([name, patterns]) =>
      place(name, `header:${name}`, patterns)
    )
  }

  /** Whether the target and all headers that have rules are known to match none of them. */
  isClean(view: RequestView): boolean {
    const { rules, clean } = this.#query
    if (rules.length > 0 && !clean.has(view.target)) return false
    for (const place of this.#headers) {
      if (!view.everyValue(place.name, place.clean)) return false
    }
    return true
  }

  /** Evaluates the rules for the target, then those for headers. Throws OverBudget. */
  evaluate(transaction: Transaction): boolean {
    const { view } = transaction
    if (this.#query.rules.length > 0) {
      if (evaluatePlace(this.#query, view.target, transaction, view)) return true
    }
    for (const place of this.#headers) {
      for (const value of view.header(place.name)) {
        if (evaluatePlace(place, value, transaction)) return true
      }
    }
    return false
  }
}

/**
 * Evaluates the rules for one part of a request against a value of it, and with `view` against the other forms of the
 * target. Returns whether evaluation stops.
 */
function evaluatePlace(
  { rules, clean }: Place,
  value: string,
  transaction: Transaction,
  view?: RequestView
): boolean {
  if (clean.has(value)) return false
  const { budget } = transaction
  let isClean = true
  for (const rule of rules) {
    const form = finds(rule, value, budget)
      ? value
      : view?.targetForms.find((one) => finds(rule, one, budget))
    if (form === undefined) continue
    isClean = false
    const match = matchOf(rule, value, form)
    if (transaction.add(match, isExcluded(rule, value, transaction))) return true
  }
  if (isClean) clean.add(value)
  return false
}

function matchOf({ name, ruleSet, pattern, where }: Rule, value: string, form: string): Match {
  const match = { rule: name, ruleSet, pattern: pattern.source, where, value, score: SCORE }
  return form === value ? match : { ...match, readAs: form }
}
