import type { LuaPattern } from '@reliw/lua-pattern'
import { ANY_HOST, type WafRules } from '@reliw/model'
import type { RequestView } from '../request-view.ts'
import type { Phase, RuleSet, Transaction } from '../transaction.ts'
import { type CleanBudget, CleanValues } from './clean-values.ts'
import { isExcluded } from './exclusions.ts'
import { finds, type Rule } from './rule.ts'

/** The score of a match: one match of a Lua pattern is enough to act. */
const SCORE = 100

/** A match of a rule, as `explain` reports it. */
export interface Finding {
  readonly rule: string
  readonly pattern: string
  readonly where: string
  readonly value: string
  /** The form of the value that matched, if not the value as received. */
  readonly readAs?: string
  /** Whether an exclusion covers the match. */
  readonly isExcluded: boolean
}

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
  readonly name = 'lua'
  readonly owner: 'all' | 'host'
  readonly #query: Place
  readonly #headers: readonly Place[]

  /** @param owner a host, or `__` for all hosts */
  constructor(owner: string, { query, headers }: WafRules, budget: CleanBudget) {
    this.owner = owner === ANY_HOST ? 'all' : 'host'
    const place = (name: string, where: string, patterns: readonly LuaPattern[]): Place => ({
      name,
      rules: patterns.map((pattern, at) => ({
        name: `${owner}/${where}/${at + 1}`,
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

  /** Evaluates the rules for target and headers up to the first match that is not excluded. Throws OverBudget. */
  examine(phase: Phase, transaction: Transaction): void {
    if (phase !== 'request head') return
    const { view } = transaction
    if (this.#query.rules.length > 0) {
      if (this.#look(transaction, this.#query, view.target, view)) return
    }
    for (const place of this.#headers) {
      for (const value of view.header(place.name)) {
        if (this.#look(transaction, place, value)) return
      }
    }
  }

  /** All matches, including excluded ones, not only the first. Throws OverBudget. */
  findAll(transaction: Transaction): Finding[] {
    const { view, budget, exclusions } = transaction
    const found: Finding[] = []
    const note = (rules: readonly Rule[], value: string, forms: readonly string[]): void => {
      for (const rule of rules) {
        const form = [value, ...forms].find((one) => finds(rule, one, budget))
        if (form === undefined) continue
        const excluded = isExcluded(exclusions, rule, value, transaction)
        const { name, where, pattern } = rule
        const readAs = form === value ? {} : { readAs: form }
        found.push({
          rule: name,
          pattern: pattern.source,
          where,
          value,
          ...readAs,
          isExcluded: excluded
        })
      }
    }
    note(this.#query.rules, view.target, view.targetForms)
    for (const { name, rules } of this.#headers) {
      for (const value of view.header(name)) note(rules, value, [])
    }
    return found
  }

  /**
   * Whether a rule matches a value, or with a view another form of the target; the first match that is not excluded
   * decides.
   */
  #look(
    transaction: Transaction,
    { rules, clean }: Place,
    value: string,
    view?: RequestView
  ): boolean {
    if (clean.has(value)) return false
    const { budget, exclusions } = transaction
    let isClean = true
    for (const rule of rules) {
      const isFound =
        finds(rule, value, budget) ||
        view?.targetForms.some((form) => finds(rule, form, budget)) === true
      if (!isFound) continue
      isClean = false
      if (isExcluded(exclusions, rule, value, transaction)) continue
      transaction.matches.push({ rule: rule.name, where: rule.where, value, score: SCORE })
      return true
    }
    if (isClean) clean.add(value)
    return false
  }
}
