import * as z from 'zod'
import { InvalidValue } from '../errors.ts'
import { decodeJson } from './json.ts'

/** A field of `USERS:<host>`: password hash, groups and second factor of a user. */
export const User = z
  .strictObject({
    pass: z
      .string()
      .min(1)
      .describe('PHC string of Argon2, or hex HMAC-SHA256 of the password, keyed by `salt`.'),
    salt: z.string().optional(),
    groups: z
      .array(z.string().min(1))
      .default([])
      .describe('Groups that rules may name instead of the user.'),
    totp: z
      .string()
      .regex(/^[A-Z2-7]{16,128}$/i, 'expected base32')
      .optional()
      .describe('Secret of the second factor (RFC 6238, base32): login requires its code.'),
    disabled: z.boolean().default(false).describe('Refuse the user’s passwords and sessions.')
  })
  .refine(({ pass, salt }) => pass.startsWith('$') || salt !== undefined, {
    path: ['salt'],
    message: 'missing: `pass` is not a PHC string'
  })

export type User = z.output<typeof User>

export function decodeUser(key: string, raw: Buffer): User {
  return decodeJson(key, User, raw)
}

/**
 * Validates a user before the write.
 *
 * @throws InvalidValue, also for a salt without effect
 */
export function checkUser(key: string, raw: Buffer): void {
  const { pass, salt } = decodeUser(key, raw)
  if (salt === undefined || !pass.startsWith('$')) return
  throw new InvalidValue(key, 'salt: no effect beside a PHC string, which has its own')
}
