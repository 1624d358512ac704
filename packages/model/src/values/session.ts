import * as z from 'zod'
import { decodeJson } from './json.ts'

/** `SESSIONS:<host>:<SHA-256 of the token>`: a session of a user. It expires with its key. */
export const Session = z.strictObject({
  user: z.string().min(1),
  groups: z.array(z.string()).default([]),
  created: z.number().describe('Epoch milliseconds.'),
  second_factor: z.boolean().default(false),
  check: z
    .string()
    .optional()
    .describe('Fingerprint of the password at login: a change of the password ends the session.'),
  issuer: z
    .string()
    .optional()
    .describe(
      'The OpenID Connect provider that authenticated the user; absent for the site’s own users.'
    ),
  ip: z.string().default('').describe('Client address of the login.'),
  agent: z.string().default('').describe('User-Agent of the login.')
})

export type Session = z.output<typeof Session>

/** A session with its expiry, in epoch milliseconds; Infinity if its key does not expire. */
export interface LiveSession {
  readonly session: Session
  readonly expires: number
}

export function decodeSession(key: string, raw: Buffer): Session {
  return decodeJson(key, Session, raw)
}
