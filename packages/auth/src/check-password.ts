import { whenLeft } from '@reliw/http'
import type { User } from '@reliw/model'
import { type Caller, isUserName } from './caller.ts'
import { ClientLeft } from './errors.ts'
import type { Parts } from './parts.ts'
import type { PasswordCheck } from './passwords/verify.ts'
import { markOf, markOfPassword, upgradePassword } from './users.ts'

/** The result of checking a user name and a password. */
export type Checked =
  | { kind: 'correct'; user: User; mark: string }
  | ({ kind: 'wrong' } & FailedCheck)
  /** Too many attempts failed; `ms`: milliseconds until the next one is accepted. */
  | ({ kind: 'wait'; ms: number } & FailedCheck)

/** Why an attempt failed, for events and logs; `user` only if there is an enabled user by that name. */
export interface FailedCheck {
  reason: string
  user: string | undefined
}

/**
 * Checks a user name and a password. Rejects if the store does, with Busy, and with ClientLeft if the client leaves
 * before the check begins.
 *
 * security: neither the response nor the time it takes reveals whether a user exists.
 */
export async function checkPassword(
  parts: Parts,
  caller: Caller,
  { name, password }: { name: string; password: string }
): Promise<Checked> {
  const { site: host, clientIp } = caller
  const { waits } = parts.guard
  const attempt = { host, clientIp, user: name, kind: 'password' } as const
  const found = isUserName(name) ? await parts.findUser(host, name) : undefined
  const user = found?.disabled === true ? undefined : found
  const failed = (reason: string): FailedCheck => ({ reason, user: user && name })
  if (!isUserName(name)) return { kind: 'wrong', ...failed('not a user name') }

  const ms = await waits.begin(attempt)
  if (ms > 0) return { kind: 'wait', ms, ...failed('too many failures') }
  const { ok, upgrade } = await verify(parts, caller, user, password).catch(async (error) => {
    await (error instanceof ClientLeft ? waits.abandon(attempt) : waits.cancel(attempt))
    throw error
  })
  if (!ok || user === undefined) {
    const reason = found?.disabled === true ? 'user disabled' : 'wrong password'
    return { kind: 'wrong', ...failed(reason) }
  }
  await waits.end(attempt, user.totp === undefined)
  if (upgrade === undefined || parts.store === undefined) {
    return { kind: 'correct', user, mark: markOf(user) }
  }
  const change = { host, name, user, pass: upgrade }
  const pass = await upgradePassword(parts.store, parts.log, change)
  return { kind: 'correct', user, mark: markOfPassword(pass) }
}

/** Gives up the place in the queue of password checks when the client leaves. */
async function verify(
  { passwords }: Parts,
  { reply }: Caller,
  user: User | undefined,
  password: string
): Promise<PasswordCheck> {
  const leaving = new AbortController()
  const stop = whenLeft(reply.raw, () => leaving.abort(new ClientLeft()))
  try {
    return await passwords.verify(user, password, leaving.signal)
  } finally {
    stop()
  }
}
