import { whenLeft } from '@reliw/http'
import type { User } from '@reliw/model'
import { type Caller, isUserName } from './caller.ts'
import { ClientLeft } from './errors.ts'
import type { Parts } from './parts.ts'
import type { Verdict } from './passwords/verify.ts'
import { markOf, markOfPassword, upgradePassword } from './users.ts'

/** What a name and a password came to. */
export type Checked =
  | { kind: 'right'; user: User; mark: string }
  | ({ kind: 'wrong' } & NotRight)
  /** Too many were wrong; milliseconds until another attempt. */
  | ({ kind: 'wait'; ms: number } & NotRight)

/** Why, and of which user, if it is one: what is told of a failure. */
export interface NotRight {
  reason: string
  user: string | undefined
}

/**
 * Checks a name and a password. Whether there is such a user can be told neither from the answer nor from the
 * time it takes. Rejects as the store does, with Busy, and with ClientLeft when the client leaves before the check begins.
 */
export async function checkPassword(
  parts: Parts,
  caller: Caller,
  { name, password }: { name: string; password: string }
): Promise<Checked> {
  const { host, clientIp } = caller
  const { waits } = parts.guard
  const attempt = { host, clientIp, user: name, kind: 'password' } as const
  const found = isUserName(name) ? await parts.findUser(host, name) : undefined
  const user = found?.disabled === true ? undefined : found
  const notRight = (reason: string): NotRight => ({ reason, user: user && name })
  if (!isUserName(name)) return { kind: 'wrong', ...notRight('not a user name') }

  const ms = await waits.begin(attempt)
  if (ms > 0) return { kind: 'wait', ms, ...notRight('too many failures') }
  const { ok, upgrade } = await verify(parts, caller, user, password).catch(async (error) => {
    await (error instanceof ClientLeft ? waits.abandon(attempt) : waits.cancel(attempt))
    throw error
  })
  if (!ok || user === undefined) {
    const reason = found?.disabled === true ? 'user disabled' : 'wrong password'
    return { kind: 'wrong', ...notRight(reason) }
  }
  await waits.end(attempt, user.totp === undefined)
  if (upgrade === undefined || parts.store === undefined) {
    return { kind: 'right', user, mark: markOf(user) }
  }
  const change = { host, name, user, pass: upgrade }
  const pass = await upgradePassword(parts.store, parts.log, change)
  return { kind: 'right', user, mark: markOfPassword(pass) }
}

/** Gives the place among the passwords that wait to others when the client leaves. */
async function verify(
  { passwords }: Parts,
  { reply }: Caller,
  user: User | undefined,
  password: string
): Promise<Verdict> {
  const leaving = new AbortController()
  const stop = whenLeft(reply.raw, () => leaving.abort(new ClientLeft()))
  try {
    return await passwords.verify(user, password, leaving.signal)
  } finally {
    stop()
  }
}
