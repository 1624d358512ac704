import { Duration } from '@reliw/options'
import * as z from 'zod'
import { Addresses } from './addresses.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const MAX_MESSAGE = 16_384

/** `maintenance` of a site: while it is there, requests get 503. */
export const Maintenance = z.strictObject({
  message: z
    .string()
    .min(1)
    .max(MAX_MESSAGE)
    .optional()
    .describe('HTML that the error page shows; a whole document replaces the page.'),
  retry_after: Duration.pipe(
    z
      .int()
      .min(1000, 'at least "1s"')
      .max(30 * DAY, 'at most "30d"')
  )
    .prefault('5m')
    .describe('Retry-After: when clients are asked to come back.'),
  allow_from: Addresses.optional().describe(
    'Addresses and blocks whose requests are served nevertheless.'
  ),
  hold: Duration.pipe(z.int().max(5 * MINUTE, 'at most "5m"'))
    .prefault(0)
    .describe('How long a request waits for the end of the maintenance before it gets 503.')
})

export type Maintenance = z.output<typeof Maintenance>
