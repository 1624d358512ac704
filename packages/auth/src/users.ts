import { hash } from 'node:crypto'
import { type Live, type Store, type User, weakMemoize } from '@reliw/model'
import type { FastifyBaseLogger } from 'fastify'

/** Finds a user by name. May throw, or reject, if the store does. */
export type FindUser = (host: string, name: string) => Live<User | undefined>

/** A fingerprint of the user's password: a session begun with another password is no longer valid. */
export const markOf = weakMemoize(({ pass }: User) => markOfPassword(pass))

/** @param pass the stored hash */
export function markOfPassword(pass: string): string {
  return hash('sha256', pass, 'base64url').slice(0, 16)
}

/** A correct password, to be stored as a stronger hash. */
export interface Upgrade {
  readonly host: string
  readonly name: string
  /** The user at the time of the check. */
  readonly user: User
  /** The stronger hash. */
  readonly pass: string
}

/** Upgrades by user. Concurrent logins share one: each upgrade of its own would end the session of the login before. */
const upgrades = new WeakMap<User, Promise<string>>()

/** Stores a stronger hash if the stored one is still the one that was checked. Resolves to the hash that counts. */
export function upgradePassword(
  store: Store,
  log: FastifyBaseLogger,
  upgrade: Upgrade
): Promise<string> {
  const { host, name, user } = upgrade
  const pending = upgrades.get(user)
  if (pending !== undefined) return pending
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
