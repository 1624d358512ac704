import { Duration } from '@reliw/options'
import * as z from 'zod'

/** Shortest `max_age` that browsers accept for their preload list: one year, in milliseconds. */
const YEAR = 31_536_000_000
const REFERRER_POLICIES = [
  'no-referrer',
  'no-referrer-when-downgrade',
  'origin',
  'origin-when-cross-origin',
  'same-origin',
  'strict-origin',
  'strict-origin-when-cross-origin',
  'unsafe-url'
] as const

/** Sources of a policy, without the characters that would end it. */
const SOURCES = /^(?! )(?:(?:^| )[\x21-\x2B\x2D-\x3A\x3C-\x7E]+)+$/
const EXPECTED_SOURCES =
  'expected false, or sources such as "\'none\'" or "\'self\' https://portal.example"'
const EXPECTED_VALUE = 'expected false, or a header value'

const off = z.literal(false)

const Hsts = z
  .strictObject({
    max_age: Duration.refine((ms) => ms % 1000 === 0, 'expected whole seconds')
      .prefault('365d')
      .describe('How long browsers use https only.'),
    include_subdomains: z.boolean().default(false).describe('For all subdomains as well.'),
    preload: z.boolean().default(false).describe('Ask for the list that browsers come with.')
  })
  .refine(
    ({ preload, include_subdomains: all, max_age }) => !preload || (all && max_age >= YEAR),
    '`preload` needs `include_subdomains` and a `max_age` of at least "365d"'
  )

const Written = z.strictObject({
  hsts: z
    .union([off, Hsts], 'expected false, or an object such as {"max_age": "365d"}')
    .optional()
    .describe('Strict-Transport-Security, over TLS only; `false`: not sent.'),
  nosniff: z.boolean().optional().describe('X-Content-Type-Options.'),
  frame_ancestors: z
    .union([off, z.string().max(1024).regex(SOURCES, EXPECTED_SOURCES)], EXPECTED_SOURCES)
    .optional()
    .describe('Pages that may frame this one; `false`: all.'),
  referrer_policy: z
    .union([off, z.enum(REFERRER_POLICIES)], `expected false, or ${REFERRER_POLICIES.join(', ')}`)
    .optional()
    .describe('Referrer-Policy; `false`: not sent.'),
  permissions_policy: z
    .union([off, z.string().regex(/^[\x20-\x7E]{1,4096}$/, EXPECTED_VALUE)], EXPECTED_VALUE)
    .optional()
    .describe('Permissions-Policy; `false`: not sent.')
})

/** The preset `security`: absent fields are those of the site, else the preset's own. */
export const SecurityHeaders = z
  .union([z.boolean(), Written], 'expected true, false or an object such as {"hsts": false}')
  .transform((written): SecurityHeaders => (written === true ? {} : written))

/** `false`: none of the headers, not even those that the site asks for. */
export type SecurityHeaders = false | z.output<typeof Written>
