import { Duration } from '@reliw/options'
import * as z from 'zod'

/** Longest time that a response is cached, in milliseconds. */
const LONGEST = 3_600_000
const TTL = 'expected more than 0, and at most "1h"'

const HeaderName = z
  .string()
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, 'not a header name')
  .toLowerCase()

/** `cache` of forward-auth: which responses of the auth server are used again, and for which requests. */
export const ForwardCache = z.strictObject({
  key_headers: z
    .array(HeaderName)
    .min(1)
    .max(16)
    .describe(
      'The client headers that the auth server gets, and no others: requests in which they are equal share a response.'
    ),
  key_request: z
    .array(z.enum(['method', 'url', 'client_ip']))
    .max(3)
    .default(['method', 'url', 'client_ip'])
    .describe(
      'What else has to be equal, beside scheme and host; leave out only what the auth server does not look at.'
    ),
  ttl: Duration.prefault('10s')
    .pipe(z.int().min(1, TTL).max(LONGEST, TTL))
    .describe('How long a response is used, at most 1 hour.'),
  refusals: z
    .array(z.int().min(400).max(499))
    .max(16)
    .default([])
    .describe('Statuses of refusals that are cached as well, such as [403].')
})

export type ForwardCache = z.output<typeof ForwardCache>
