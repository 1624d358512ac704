import { ByteSize, Cidr } from '@reliw/options'
import * as z from 'zod'

export const LimitsOptions = z.strictObject({
  trusted_proxies: z
    .array(Cidr)
    .prefault([])
    .describe('Proxies whose X-Request-ID, X-Forwarded-For and X-Real-IP are believed.'),
  max_uri_length: ByteSize.prefault(8192).describe(
    'The longest request target, query string included, that is let in.'
  )
})

/** What a user writes. */
export type LimitsOptions = z.input<typeof LimitsOptions>
