import type { Taken } from '@reliw/model'

/**
 * A budget’s policy, as RateLimit-Policy has it (draft-ietf-httpapi-ratelimit-headers-10, 3). `w` is whole seconds: a
 * period that is not has none.
 */
export function policyLabel(
  name: string,
  { limit, period }: { limit: number; period: number }
): string {
  const window = period % 1000 === 0 ? `;w=${period / 1000}` : ''
  return `"${name}";q=${limit}${window}`
}

/** What is left of a budget, and in how many seconds more will be, as RateLimit has it (4). */
export function budgetLabel(name: string, { remaining, reset }: Taken): string {
  return `"${name}";r=${remaining};t=${seconds(reset)}`
}

/** Retry-After: when all budgets that ran out have something again, in seconds. */
export function retryAfter(taken: readonly Taken[]): string {
  return String(Math.max(1, ...taken.map((one) => seconds(one.retryAfter))))
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000)
}
