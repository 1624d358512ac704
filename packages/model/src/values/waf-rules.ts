import * as z from 'zod'
import { decodeJson } from './json.ts'
import { Pattern } from './lua.ts'

/** What becomes of a match: nothing is looked at, it is told, or it is acted upon. */
export const WafMode = z.enum(['off', 'detect', 'block'])

export type WafMode = z.output<typeof WafMode>

/** How a blocked request is answered. */
export const WafAction = z.union(
  [
    z.strictObject({ status: z.int().min(400).max(599).describe('Of the error page.') }),
    z.strictObject({
      redirect: z.string().regex(/^(https?:\/\/|\/(?![/\\]))[\x21-\x7E]*$/, 'expected an address'),
      status: z.union([301, 302, 303, 307, 308].map((status) => z.literal(status))).default(301)
    }),
    z.strictObject({ close: z.literal(true) })
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

/** What is to be overlooked. All that it names has to fit; it names one thing at least. */
const WafExclusion = z
  .strictObject({
    rule: z.string().min(1).optional().describe('A rule’s name, or its pattern.'),
    path: Pattern.optional().describe('Only where this Lua pattern is in the decoded path.'),
    header: z.string().min(1).toLowerCase().optional().describe('What is in this header.'),
    parameter: z.string().min(1).optional().describe('What is in this parameter of the query.'),
    expires: Time.optional().describe('Until when. Default: for ever.'),
    reason: z.string().optional()
  })
  .refine(
    ({ rule, path, header, parameter }) => rule ?? path ?? header ?? parameter,
    'name a rule, a path, a header or a parameter'
  )
  .refine(({ header, parameter }) => !(header && parameter), 'a header has no parameters')

export type WafExclusion = z.output<typeof WafExclusion>

/** A field of `WAF`: the rules of one host, or of all (`__`). */
export const WafRules = z.strictObject({
  ip_header: z
    .string()
    .optional()
    .describe('The header in which a trusted proxy names the client, for `WAFFERS`.'),
  query: z.array(Pattern).default([]).describe('Looked for in path and query, raw and decoded.'),
  headers: z
    .record(z.string().toLowerCase(), z.array(Pattern))
    .default({})
    .describe('Header → what is looked for in each of its values.'),
  mode: WafMode.optional().describe('Default: that of all hosts, else the server’s.'),
  action: WafAction.optional().describe('Default: that of all hosts, else the server’s.'),
  exclusions: z
    .array(WafExclusion)
    .default([])
    .describe('What is to be overlooked, and until when.')
})

export type WafRules = z.output<typeof WafRules>

export function decodeWafRules(key: string, raw: Buffer): WafRules {
  return decodeJson(key, WafRules, raw)
}
