import { toByteString } from '@reliw/lua-pattern'
import type { WafExclusion } from '@reliw/model'
import { decodeOnce, targetForms } from '../target-forms.ts'
import type { Transaction } from '../transaction.ts'
import { isIn, type Rule } from './rule.ts'

/** Steps that taking a byte out of a query string, or leaving it there, counts as. */
const STEPS_PER_BYTE = 2

/**
 * Whether what a rule found is to be overlooked, because somebody said so and it still holds. What cannot be told
 * within the steps that are left is not: what was found stands.
 */
export function isExcluded(
  exclusions: readonly WafExclusion[],
  rule: Rule,
  value: string,
  transaction: Transaction
): boolean {
  let parameters: string[] | undefined
  for (const exclusion of exclusions) {
    if (!applies(exclusion, rule, transaction)) continue
    if (exclusion.parameter === undefined) return true
    parameters ??= []
    parameters.push(toByteString(exclusion.parameter))
  }
  return parameters !== undefined && isOnlyIn(parameters, rule, value, transaction)
}

/** Whether all but the parameter of an exclusion fits. */
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

/** Whether a rule finds nothing in a target once these parameters are out of it. */
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

/** A target without some parameters of its query string, name and value. */
function withoutParameters(target: string, parameters: readonly string[]): string {
  const query = target.indexOf('?')
  if (query === -1) return target
  const pairs = target.slice(query + 1).split('&')
  const kept = pairs.filter((pair) => !parameters.includes(nameOf(pair)))
  return kept.length === pairs.length ? target : `${target.slice(0, query)}?${kept.join('&')}`
}

function nameOf(pair: string): string {
  const end = pair.indexOf('=')
  return decodeOnce(`?${end === -1 ? pair : pair.slice(0, end)}`).slice(1)
}
