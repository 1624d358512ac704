import type { User } from '@reliw/store'
import { type Caller, isUserName } from './caller.ts'
import { audit } from './events.ts'
import type { Parts } from './parts.ts'
import { markOf, markOfPassword, upgradePassword } from './users.ts'

/** What a name and a password came to. */
export type Checked =
  | { kind: 'right'; user: User; mark: string }
  | { kind: 'wrong' }
  /** Too many were wrong; milliseconds until another attempt. */
  | { kind: 'wait'; ms: number }

/**
 * Checks a name and a password. Whether there is such a user can be told neither from the answer nor from the
 * time it takes. Rejects as the store does, and with Busy.
 */
export async function checkPassword(
  parts: Parts,
  caller: Caller,
  { name, password, way }: { name: string; password: string; way: 'password' | 'basic' }
): Promise<Checked> {
  const { host, clientIp } = caller
  const { waits } = parts.guard
  const attempt = { host, clientIp, user: name, kind: 'password' } as const
  const found = isUserName(name) ? await parts.findUser(host, name) : undefined
  const user = found?.disabled === true ? undefined : found
  const failed = (reason: string): void =>
    audit(parts.log, 'failure', caller, { user: user && name, way, reason })
  if (!isUserName(name)) {
    failed('not a user name')
    return { kind: 'wrong' }
  }

  const ms = await waits.begin(attempt)
  if (ms > 0) {
    failed('too many failures')
    return { kind: 'wait', ms }
  }
  const { ok, upgrade } = await parts.passwords.verify(user, password)
  if (!ok || user === undefined) {
    failed(found?.disabled === true ? 'user disabled' : 'wrong password')
    return { kind: 'wrong' }
  }
  await waits.end(attempt, user.totp === undefined)
  if (upgrade === undefined || parts.store === undefined) {
    return { kind: 'right', user, mark: markOf(user) }
  }
  const change = { host, name, user, pass: upgrade }
  const pass = await upgradePassword(parts.store, parts.log, change)
  return { kind: 'right', user, mark: markOfPassword(pass) }
}
