import * as z from 'zod'
import { decodeJson } from './json.ts'
import { Pattern } from './lua.ts'

/** A field of `WAF`: the rules of one host, or of all (`__`). */
export const WafRules = z.strictObject({
  ip_header: z.string().optional(),
  query: z.array(Pattern).default([]),
  headers: z.record(z.string().toLowerCase(), z.array(Pattern)).default({})
})

export type WafRules = z.output<typeof WafRules>

export function decodeWafRules(key: string, raw: Buffer): WafRules {
  return decodeJson(key, WafRules, raw)
}
