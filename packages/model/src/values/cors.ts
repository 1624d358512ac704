import { Duration, normalizeHost } from '@reliw/options'
import * as z from 'zod'
import { HeaderToken } from './header-names.ts'
import { Method } from './method.ts'

const MAX_ENTRIES = 64
/** The longest time that browsers cache the response to a preflight, in milliseconds. */
const LONGEST_AGE = 86_400_000
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: ':80', https: ':443' }
const FORMS =
  'expected an origin such as "https://app.example", "https://*.example.org", "http://localhost:*" or "*"'

const ANY = z.literal('*')

/** An origin, or a pattern: `*.` stands for one or more labels of the host, `:*` for any port. */
const OriginPattern = z
  .string()
  .max(512)
  .transform((written, context): string => {
    if (written === '*') return written
    const [, scheme = '', wildcard = '', rest = ''] =
      /^([a-z][a-z\d+.-]*):\/\/(\*\.)?([^/?#@*]+(?::\*)?)$/i.exec(written) ?? []
    const [, host = '', port = ''] = /^(.*?)(:\d+|:\*)?$/.exec(rest) ?? []
    const name = normalizeHost(port === ':*' ? host : host + port)
    if (name === undefined || /^\*|:$/.test(host) || (wildcard !== '' && !/[a-z]/.test(name))) {
      context.addIssue(written === 'null' ? NULL : FORMS)
      return z.NEVER
    }
    const lower = scheme.toLowerCase()
    const shown = host.startsWith('[') ? `[${name}]` : name
    return `${lower}://${wildcard}${shown}${port === DEFAULT_PORTS[lower] ? '' : port}`
  })

const NULL =
  '"null" is the origin of local files and sandboxed pages of any site: it is not allowed'

/** The preset `cors`: pages of other origins that may read responses, and make requests with more than forms can. */
export const Cors = z
  .strictObject({
    origins: z
      .array(OriginPattern)
      .min(1)
      .max(MAX_ENTRIES)
      .describe('Origins, or patterns: "https://*.example.org", "http://localhost:*", "*".'),
    methods: z
      .array(z.union([ANY, Method], 'expected a method such as "PUT", or "*"'))
      .max(MAX_ENTRIES)
      .default(['GET', 'HEAD', 'POST'])
      .describe('Methods that pages may use.'),
    headers: z
      .array(z.union([ANY, HeaderToken], 'expected a header name, or "*"'))
      .max(MAX_ENTRIES)
      .default([])
      .describe('Request headers that pages may send, such as "Content-Type".'),
    exposed_headers: z
      .array(z.union([ANY, HeaderToken], 'expected a header name, or "*"'))
      .max(MAX_ENTRIES)
      .default([])
      .describe('Response headers that pages may read.'),
    credentials: z
      .boolean()
      .default(false)
      .describe('Let pages send cookies and read what the user may read.'),
    max_age: Duration.refine((ms) => ms <= LONGEST_AGE, 'expected at most "24h"')
      .prefault('10m')
      .describe('How long browsers may remember the response to a preflight.')
  })
  .superRefine((cors, context) => {
    for (const field of ['origins', 'methods', 'headers', 'exposed_headers'] as const) {
      const list: readonly string[] = cors[field]
      const at = list.indexOf('*')
      if (at === -1) continue
      if (cors.credentials) {
        // security: any site could act as the user; browsers refuse it.
        const message = 'not with `credentials`: name them, or leave `credentials` out'
        context.addIssue({ code: 'custom', message, path: [field, at] })
      } else if (list.length > 1) {
        const message = 'includes all others: name nothing else, or leave it out'
        context.addIssue({ code: 'custom', message, path: [field, at] })
      }
    }
  })

export type Cors = z.output<typeof Cors>
