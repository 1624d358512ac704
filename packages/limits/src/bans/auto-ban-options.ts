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

/** Automatic bans. Each kind of refusal is counted only where it is configured. */
export const AutoBanOptions = z.strictObject({
  login_failures: AutoBanRule.optional().describe('Wrong passwords, codes, keys and tokens.'),
  waf_blocks: AutoBanRule.optional().describe('Requests blocked by the firewall.'),
  not_found: AutoBanRule.optional().describe('Requests that end as a 404.')
})

/** The options as an operator writes them. */
export type AutoBanOptions = z.input<typeof AutoBanOptions>
/** The parsed options: durations in milliseconds. */
export type AutoBanRules = z.output<typeof AutoBanOptions>
/** A kind of refusal that counts towards a ban. */
export type AutoBanKind = keyof AutoBanRules
