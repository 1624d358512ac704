import type { ClientRules } from '@reliw/model'
import type { FastifyBaseLogger } from 'fastify'

/** Time after which the same rules are reported again, in milliseconds. */
const AGAIN = 60_000

/** Logs why rules cannot be decided: at the first request that is refused for it, and then once a minute. */
export function logIssues(
  log: FastifyBaseLogger
): (rules: ClientRules, site: string, issue: string) => void {
  const logged = new WeakMap<ClientRules, number>()
  return (rules, site, issue) => {
    const now = Date.now()
    if (now - (logged.get(rules) ?? -AGAIN) < AGAIN) return
    logged.set(rules, now)
    log.error({ access: { site, mistake: issue } }, 'clients are refused: a rule cannot be decided')
  }
}
