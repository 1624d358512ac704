import * as z from 'zod'
import { InvalidValue } from '../errors.ts'
import { decodeJson } from './json.ts'

/** A field of `KEYS:<host>`, named by the hex SHA-256 of an API key: its user and groups. */
export const ApiKey = z.strictObject({
  user: z.string().min(1),
  groups: z.array(z.string().min(1)).default([]),
  name: z.string().default('').describe('A description of the key.'),
  created: z.number().optional().describe('Epoch milliseconds.'),
  expires: z.number().optional().describe('Epoch milliseconds; absent: never.')
})

export type ApiKey = z.output<typeof ApiKey>

export function decodeApiKey(key: string, raw: Buffer): ApiKey {
  return decodeJson(key, ApiKey, raw)
}

/**
 * Validates an API key before it is written.
 *
 * @throws InvalidValue, also if the name of the field is not a SHA-256 hash
 */
export function checkApiKey(key: string, raw: Buffer, field: string): void {
  decodeApiKey(key, raw)
  if (/^[0-9a-f]{64}$/.test(field)) return
  throw new InvalidValue(key, 'the field is not the SHA-256 of a key, in lower-case hex')
}
