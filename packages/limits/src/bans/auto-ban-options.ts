import { Duration } from '@reliw/options'
import * as z from 'zod'

const Span = Duration.refine((ms) => ms >= 1000, 'must be at least 1 second')

const AutoBanRule = z.strictObject({
  threshold: z
    .int()
    .min(1)
    .max(1_000_000)
    .describe('How many events within `window` ban a client.'),
  window: Span.prefault('10m').describe('How long events count.'),
  duration: Span.prefault('1h').describe('How long the client is banned.')
})

/** Who is banned without being asked for. Each kind of refusal is off unless it is there. */
export const AutoBanOptions = z.strictObject({
  login_failures: AutoBanRule.optional().describe('Wrong passwords, codes, keys and tokens.'),
  waf_blocks: AutoBanRule.optional().describe('Requests blocked by the firewall.'),
  not_found: AutoBanRule.optional().describe('Requests that end as a 404.')
})

/** What a user writes. */
export type AutoBanOptions = z.input<typeof AutoBanOptions>
/** What runs: durations in milliseconds. */
export type AutoBanRules = z.output<typeof AutoBanOptions>
/** What clients are refused for. */
export type AutoBanKind = keyof AutoBanRules
