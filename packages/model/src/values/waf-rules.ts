import * as z from 'zod'
import { decodeJson } from './json.ts'
import { Pattern } from './lua.ts'

/** `off`: rules are not evaluated; `detect`: matches are logged; `block`: matching requests are refused. */
export const WafMode = z.enum(['off', 'detect', 'block'])

export type WafMode = z.output<typeof WafMode>

/** Response to a blocked request: an error page, a redirect, or a closed connection. */
export const WafAction = z.union(
  [
    z.strictObject({ status: z.int().min(400).max(599).describe('Status of the error page.') }),
    z.strictObject({
      redirect: z
        .string()
        .regex(/^(https?:\/\/|\/(?![/\\]))[\x21-\x7E]*$/, 'expected an address')
        .describe('Address that the client is redirected to.'),
      status: z
        .union([301, 302, 303, 307, 308].map((status) => z.literal(status)))
        .default(301)
        .describe('Status of the redirect.')
    }),
    z.strictObject({ close: z.literal(true).describe('Close the connection without a response.') })
  ],
  { error: 'expected {status: 403}, {redirect: "https://…"} or {close: true}' }
)

export type WafAction = z.output<typeof WafAction>

const Time = z
  .union([
    z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
    z.iso.date().transform((text) => Date.parse(text)),
    z.number()
  ])
  .describe('ISO 8601, or epoch milliseconds.')

/** An exclusion from the rules. All conditions that it names must match; at least one is required. */
const WafExclusion = z
  .strictObject({
    rule: z.string().min(1).optional().describe('Only this rule: its name, or its pattern.'),
    path: Pattern.optional().describe('Only if this Lua pattern matches the decoded path.'),
    header: z.string().min(1).toLowerCase().optional().describe('Only matches in this header.'),
    parameter: z
      .string()
      .min(1)
      .optional()
      .describe('Only matches in this parameter of the query string.'),
    expires: Time.optional().describe('Expiry: ISO 8601, or epoch milliseconds. Default: never.'),
    reason: z.string().optional()
  })
  .refine(
    ({ rule, path, header, parameter }) => rule ?? path ?? header ?? parameter,
    'name a rule, a path, a header or a parameter'
  )
  .refine(({ header, parameter }) => !(header && parameter), 'a header has no parameters')

export type WafExclusion = z.output<typeof WafExclusion>

/** A field of `WAF`: the rules of one host, or of all hosts (`__`). */
export const WafRules = z.strictObject({
  ip_header: z
    .string()
    .optional()
    .describe('The header in which a trusted proxy names the client, for the channel `WAFFERS`.'),
  query: z
    .array(Pattern)
    .default([])
    .describe('Lua patterns, matched against path and query string, raw and decoded.'),
  headers: z
    .record(z.string().toLowerCase(), z.array(Pattern))
    .default({})
    .describe('Header → Lua patterns, matched against each of its values.'),
  mode: WafMode.optional().describe(
    'What happens on a match. Default: the mode of all hosts, else of the config.'
  ),
  action: WafAction.optional().describe(
    'Response to a blocked request. Default: the action of all hosts, else of the config.'
  ),
  exclusions: z.array(WafExclusion).default([]).describe('Matches that the rules ignore.')
})

export type WafRules = z.output<typeof WafRules>

export function decodeWafRules(key: string, raw: Buffer): WafRules {
  return decodeJson(key, WafRules, raw)
}
