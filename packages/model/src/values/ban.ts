import * as z from 'zod'
import { decodeJson } from './json.ts'

/** `BANS:<address or block>`: banned clients. A ban ends when its key expires or is deleted. */
export const Ban = z.strictObject({
  reason: z.string().default(''),
  by: z.string().optional().describe('Author of the ban: a person or a program.'),
  since: z.number().optional().describe('Epoch milliseconds.')
})

export type Ban = z.output<typeof Ban>

export function decodeBan(key: string, raw: Buffer): Ban {
  return decodeJson(key, Ban, raw)
}
