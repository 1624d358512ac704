import { toByteString } from '@reliw/lua-pattern'
import type { WafExclusion } from '@reliw/model'
import { decodeOnce, targetForms } from '../target-forms.ts'
import type { Transaction } from '../transaction.ts'
import { isIn, type Rule } from './rule.ts'

/** Steps per byte of a target from which parameters are removed. */
const STEPS_PER_BYTE = 2

/**
 * Whether an exclusion that has not expired covers a match. If the steps left do not suffice to decide, none does, and
 * the match stands.
 */
export function isExcluded(rule: Rule, value: string, transaction: Transaction): boolean {
  let parameters: string[] | undefined
  for (const exclusion of transaction.exclusions) {
    if (!applies(exclusion, rule, transaction)) continue
    if (exclusion.parameter === undefined) return true
    parameters ??= []
    parameters.push(toByteString(exclusion.parameter))
  }
  return parameters !== undefined && isOnlyIn(parameters, rule, value, transaction)
}

/** Whether an exclusion covers a match, its parameter aside. */
function applies(
  { rule: wanted, path, header, parameter, expires }: WafExclusion,
  rule: Rule,
  { view, budget }: Transaction
): boolean {
  if (expires !== undefined && Date.now() >= expires) return false
  if (wanted !== undefined && wanted !== rule.name && toByteString(wanted) !== rule.pattern.source)
    return false
  if (header !== undefined && rule.where !== `header:${header}`) return false
  if (parameter !== undefined && rule.where !== 'query') return false
  if (path === undefined) return true
  const { decodedPath } = view
  return decodedPath !== undefined && isIn(path, decodedPath, budget) === true
}

/** Whether a rule no longer matches a target once these parameters are removed. */
function isOnlyIn(
  parameters: readonly string[],
  { pattern }: Rule,
  target: string,
  { budget }: Transaction
): boolean {
  budget.left -= target.length * STEPS_PER_BYTE
  if (budget.left <= 0) return false
  const rest = withoutParameters(target, parameters)
  if (rest === target || isIn(pattern, rest, budget) !== false) return false
  return targetForms(rest).every((form) => isIn(pattern, form, budget) === false)
}

/** Removes parameters, name and value, from the query string of a target. */
function withoutParameters(target: string, parameters: readonly string[]): string {
  const query = target.indexOf('?')
  if (query === -1) return target
  const pairs = target.slice(query + 1).split('&')
  const others = pairs.filter((pair) => !parameters.includes(nameOf(pair)))
  return others.length === pairs.length ? target : `${target.slice(0, query)}?${others.join('&')}`
}

function nameOf(pair: string): string {
  const end = pair.indexOf('=')
  return decodeOnce(`?${end === -1 ? pair : pair.slice(0, end)}`).slice(1)
}
