import { clientBlock } from '@reliw/options'
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
  const { byAddress, byUser } = parts.guard
  const whose = { address: `ip:${clientBlock(clientIp) ?? clientIp}`, user: `user:${name}` }
  const found = isUserName(name) ? await parts.findUser(host, name) : undefined
  const user = found?.disabled === true ? undefined : found
  const failed = (reason: string): void =>
    audit(parts.log, 'failure', caller, { user: user && name, way, reason })
  if (!isUserName(name)) {
    failed('not a user name')
    return { kind: 'wrong' }
  }

  const ms = await byAddress.begin(host, whose.address)
  const wait = ms > 0 ? ms : await byUser.begin(host, whose.user)
  if (wait > 0) {
    if (ms === 0) await byAddress.forgive(host, whose.address)
    failed('too many failures')
    return { kind: 'wait', ms: wait }
  }
  const { ok, upgrade } = await parts.passwords.verify(user, password)
  if (!ok || user === undefined) {
    failed(found?.disabled === true ? 'user disabled' : 'wrong password')
    return { kind: 'wrong' }
  }
  await Promise.all([byAddress.forgive(host, whose.address), byUser.forget(host, whose.user)])
  if (upgrade === undefined || parts.store === undefined) {
    return { kind: 'right', user, mark: markOf(user) }
  }
  const change = { host, name, user, pass: upgrade }
  const pass = await upgradePassword(parts.store, parts.log, change)
  return { kind: 'right', user, mark: markOfPassword(pass) }
}
