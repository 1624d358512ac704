import type { Taken } from '@reliw/model'

/**
 * The item of a policy in RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10, 3). `w` takes whole seconds; it is
 * left out for other periods.
 */
export function policyLabel(
  name: string,
  { limit, period }: { limit: number; period: number }
): string {
  const window = period % 1000 === 0 ? `;w=${period / 1000}` : ''
  return `"${name}";q=${limit}${window}`
}

/** The item of a budget in RateLimit (4): the remaining uses, and the seconds until there are more. */
export function budgetLabel(name: string, { remaining, reset }: Taken): string {
  return `"${name}";r=${remaining};t=${seconds(reset)}`
}

/** The value of Retry-After: seconds until all exhausted budgets allow a request again. */
export function retryAfter(taken: readonly Taken[]): string {
  return String(Math.max(1, ...taken.map((one) => seconds(one.retryAfter))))
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000)
}
