import { hash } from 'node:crypto'
import type { Live, Store, User } from '@reliw/model'
import type { FastifyBaseLogger } from 'fastify'

/** Who is known by a name. May throw, or reject, as the store does. */
export type FindUser = (host: string, name: string) => Live<User | undefined>

const marks = new WeakMap<User, string>()

/** A mark of the user's password: sessions that were made with another one are over. */
export function markOf(user: User): string {
  let mark = marks.get(user)
  if (mark === undefined) marks.set(user, (mark = markOfPassword(user.pass)))
  return mark
}

/** @param pass as it is kept: a hash */
export function markOfPassword(pass: string): string {
  return hash('sha256', pass, 'base64url').slice(0, 16)
}

/** A password that was right, to be kept in a newer form. */
export interface Upgrade {
  readonly host: string
  readonly name: string
  /** As the user was when the password was right. */
  readonly user: User
  /** The newer form. */
  readonly pass: string
}

/** By whom they upgrade: logins at the same time share one, or each would end the session of the one before. */
const upgrades = new WeakMap<User, Promise<string>>()

/** Keeps a password in its newer form, if the user still has the older one. Resolves to the form that counts. */
export function upgradePassword(
  store: Store,
  log: FastifyBaseLogger,
  upgrade: Upgrade
): Promise<string> {
  const { host, name, user } = upgrade
  const known = upgrades.get(user)
  if (known !== undefined) return known
  const begun = replacePassword(store, upgrade).catch((error: unknown) => {
    upgrades.delete(user)
    log.warn({ err: error, auth: { host, user: name } }, 'password could not be upgraded')
    return user.pass
  })
  upgrades.set(user, begun)
  return begun
}

async function replacePassword(
  { driver, keys }: Store,
  { host, name, user: { pass: before }, pass }: Upgrade
): Promise<string> {
  const key = keys.users(host)
  const raw = await driver.hashField(key, name)
  const { salt: _, ...user } = JSON.parse(String(raw)) as { pass?: unknown; salt?: unknown }
  if (user.pass !== before) return before
  const value = JSON.stringify({ ...user, pass })
  await driver.write([{ op: 'hset', key, fields: { [name]: value } }])
  return pass
}
