import type { ClientRules, Live } from '@reliw/model'
import { type Found, findClient } from './find-client.ts'
import type { ClientSources } from './sources.ts'

/** The result of a rule; `issue` says why the rule cannot be decided. */
export type Decision = 'allowed' | 'denied' | 'not allowed' | { readonly issue: string }

/**
 * Decides whether rules admit an address: `deny_from` takes precedence over `allow_from`, and `allow_from` refuses all
 * others. security: a client is admitted only if both are known.
 *
 * Throws, or rejects, when a list cannot be read.
 */
export function decide(rules: ClientRules, ip: string, sources: ClientSources): Live<Decision> {
  const { deny_from: deny } = rules
  if (deny === undefined) return decideAllowed(rules, ip, sources)
  const isDenied = findClient(deny, ip, sources)
  if (!(isDenied instanceof Promise)) return decideDenied(isDenied, rules, ip, sources)
  return isDenied.then((found) => decideDenied(found, rules, ip, sources))
}

function decideDenied(
  isDenied: Found,
  rules: ClientRules,
  ip: string,
  sources: ClientSources
): Live<Decision> {
  if (isDenied === true) return 'denied'
  const decision = decideAllowed(rules, ip, sources)
  if (isDenied === false) return decision
  const issue = { issue: `deny_from: ${isDenied}` }
  // A client that `allow_from` does not have is refused in any case.
  if (!(decision instanceof Promise)) return decision === 'allowed' ? issue : decision
  return decision.then((made) => (made === 'allowed' ? issue : made))
}

function decideAllowed(
  { allow_from: allow }: ClientRules,
  ip: string,
  sources: ClientSources
): Live<Decision> {
  if (allow === undefined) return 'allowed'
  const found = findClient(allow, ip, sources)
  return found instanceof Promise ? found.then(decisionOf) : decisionOf(found)
}

function decisionOf(isAllowed: Found): Decision {
  if (typeof isAllowed === 'string') return { issue: `allow_from: ${isAllowed}` }
  return isAllowed ? 'allowed' : 'not allowed'
}
