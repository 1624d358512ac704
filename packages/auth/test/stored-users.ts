// Users as the store, and the plugin's options, have them.

import { createHmac } from 'node:crypto'
import type { User } from '@reliw/model'
import type * as z from 'zod'
import { hashPassword } from '../src/index.ts'

export type StoredUser = z.input<typeof User>

/** A user with a password that is kept as we keep them. */
export async function userOf(
  password: string,
  more: Omit<StoredUser, 'pass'> = {}
): Promise<StoredUser> {
  return { pass: await hashPassword(password), ...more }
}

/** A user with a password as older servers kept them. */
export function hmacUserOf(
  password: string,
  more: Omit<StoredUser, 'pass' | 'salt'> = {}
): StoredUser {
  const salt = 'sodium'
  return { pass: createHmac('sha256', salt).update(password).digest('hex'), salt, ...more }
}
