import { hashPassword, newTotpSecret } from '@reliw/auth/credentials'
import type { Store } from '@reliw/model'
import { hashesOfUser } from './api-keys.ts'
import { checkPassword, checkUserName } from './credentials.ts'
import { Conflict } from './errors.ts'
import { deletionOf, findSessions, type StoredSession } from './sessions.ts'
import {
  absent,
  describeUser,
  findStoredUser,
  getStoredUser,
  type ListedUser,
  toStore
} from './stored-user.ts'

export interface NewUser {
  name: string
  password: string
  groups?: readonly string[]
}

/** The users of a host, sorted by name. */
export async function listUsers({ driver, keys }: Store, host: string): Promise<ListedUser[]> {
  const fields = Object.entries((await driver.hash(keys.users(host))) ?? {})
  const users = fields.map(([name, raw]) => describeUser(name, raw))
  return users.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * Whether a host has a user of that name.
 *
 * @throws InvalidValue when the stored value is invalid
 */
export async function hasUser(store: Store, host: string, name: string): Promise<boolean> {
  return (await findStoredUser(store, host, name)) !== undefined
}

/**
 * Makes sure that a host has a user of that name.
 *
 * @throws NotFound; InvalidValue when the stored value is invalid
 */
export async function requireUser(store: Store, host: string, name: string): Promise<void> {
  await getStoredUser(store, host, name)
}

/**
 * Adds a user.
 *
 * @throws InvalidInput for the name or the password; Conflict when the name is taken; InvalidValue for the groups
 */
export async function addUser(
  store: Store,
  host: string,
  { name, password, groups = [] }: NewUser
): Promise<void> {
  checkUserName(name)
  checkPassword(password)
  const pass = await hashPassword(password)
  if (await hasUser(store, host, name)) throw new Conflict(`${host} has a user ${name} already.`)
  await store.driver.write([toStore(store, host, name, { pass, groups })])
}

/**
 * Sets a new password and ends the user's sessions.
 *
 * @returns the sessions that ended
 * @throws InvalidInput for the password; NotFound; InvalidValue when the stored value is invalid
 */
export async function setPassword(
  store: Store,
  host: string,
  name: string,
  password: string
): Promise<StoredSession[]> {
  checkPassword(password)
  const pass = await hashPassword(password)
  await getStoredUser(store, host, name)
  const sessions = await findSessions(store, host, { user: name })
  // Read after the search for sessions, which may take long: what others change meanwhile stays.
  const { salt: _, ...user } = await getStoredUser(store, host, name)
  await store.driver.write([
    toStore(store, host, name, { ...user, pass }),
    ...sessions.map((session) => deletionOf(store, host, session))
  ])
  return sessions
}

/**
 * Gives a user a new TOTP secret, which replaces an earlier one: logins require its code.
 *
 * @returns the secret in base32, which cannot be read again
 * @throws NotFound; InvalidValue when the stored value is invalid
 */
export async function addTotp(store: Store, host: string, name: string): Promise<string> {
  const user = await getStoredUser(store, host, name)
  const totp = newTotpSecret()
  await store.driver.write([toStore(store, host, name, { ...user, totp })])
  return totp
}

/**
 * Removes a user's TOTP secret.
 *
 * @throws NotFound; InvalidValue when the stored value is invalid
 */
export async function removeTotp(store: Store, host: string, name: string): Promise<void> {
  const { totp: _, ...user } = await getStoredUser(store, host, name)
  await store.driver.write([toStore(store, host, name, user)])
}

/**
 * Deletes a user with the user's sessions and API keys, even if the stored value is invalid.
 *
 * @returns the sessions that ended
 * @throws NotFound
 */
export async function deleteUser(
  store: Store,
  host: string,
  name: string
): Promise<StoredSession[]> {
  const { driver, keys } = store
  if ((await driver.hashField(keys.users(host), name)) === undefined) throw absent(host, name)
  const sessions = await findSessions(store, host, { user: name })
  // Read after the search for sessions, which may take long: a key that was added meanwhile is deleted, too.
  const hashes = await hashesOfUser(store, host, name)
  // The user last: a Redis Cluster writes in order, and what a failure leaves can then be deleted by another attempt.
  await driver.write([
    ...hashes.map((field) => ({ op: 'hdelete', key: keys.apiKeys(host), field }) as const),
    ...sessions.map((session) => deletionOf(store, host, session)),
    { op: 'hdelete', key: keys.users(host), field: name }
  ])
  return sessions
}
