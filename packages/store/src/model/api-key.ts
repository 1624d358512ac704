import * as z from 'zod'
import { decodeJson } from './json.ts'

/** A field of `KEYS:<host>`, named by the hex SHA-256 of an API key: whose key it is. */
export const ApiKey = z.strictObject({
  user: z.string().min(1),
  groups: z.array(z.string().min(1)).default([]),
  name: z.string().default('').describe('What it is for.'),
  created: z.number().optional().describe('Epoch milliseconds.'),
  expires: z.number().optional().describe('Epoch milliseconds; absent: never.')
})

export type ApiKey = z.output<typeof ApiKey>

export function decodeApiKey(key: string, raw: Buffer): ApiKey {
  return decodeJson(key, ApiKey, raw)
}
