import * as z from 'zod'
import { decodeJson } from './json.ts'

/** `SESSIONS:<host>:<SHA-256 of the token>`: a login that lasts. It expires with its key. */
export const Session = z.strictObject({
  user: z.string().min(1),
  groups: z.array(z.string()).default([]),
  created: z.number().describe('Epoch milliseconds.'),
  second_factor: z.boolean().default(false),
  check: z
    .string()
    .optional()
    .describe('A mark of the password it was made with: another password ends the session.'),
  issuer: z.string().optional().describe('Who vouched for the user, where it was not us.'),
  ip: z.string().default('').describe('The address of the login.'),
  agent: z.string().default('').describe('The client of the login, as it called itself.')
})

export type Session = z.output<typeof Session>

/** A session and when it ends, in epoch milliseconds; Infinity when its key does not expire. */
export interface LiveSession {
  readonly session: Session
  readonly expires: number
}

export function decodeSession(key: string, raw: Buffer): Session {
  return decodeJson(key, Session, raw)
}
