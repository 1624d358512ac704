import { type Operation, type Store, User } from '@reliw/model'
import { parseJson } from './parse-json.ts'
import { NotFound } from './errors.ts'

/** A user as stored, unknown fields included. */
export type StoredUser = Record<string, unknown>

/** A user without secrets. */
export interface ListedUser {
  name: string
  groups: readonly string[]
  /** How the password is hashed: `hmac`, or the algorithm of its PHC string. */
  password: string
  /** Whether a login requires a TOTP code. */
  totp: boolean
  /** `wrong`: the stored value is invalid, and the user cannot log in. */
  state: 'enabled' | 'disabled' | 'wrong'
}

/** @throws InvalidValue when the stored value is invalid */
export async function findStoredUser(
  { driver, keys }: Store,
  host: string,
  name: string
): Promise<StoredUser | undefined> {
  const raw = await driver.hashField(keys.users(host), name)
  if (raw === undefined) return undefined
  keys.check(keys.users(host), raw, name)
  return JSON.parse(raw.toString()) as StoredUser
}

/** @throws NotFound; InvalidValue when the stored value is invalid */
export async function getStoredUser(store: Store, host: string, name: string): Promise<StoredUser> {
  const user = await findStoredUser(store, host, name)
  if (user === undefined) throw absent(host, name)
  return user
}

/** The error for a user that a host does not have. */
export function absent(host: string, name: string): Error {
  return new NotFound(`${host} has no user ${name}.`)
}

/**
 * The operation that stores a user.
 *
 * @throws InvalidValue when the new value is invalid; InvalidKey when the host is
 */
export function toStore({ keys }: Store, host: string, name: string, user: StoredUser): Operation {
  const value = JSON.stringify(user)
  keys.check(keys.users(host), Buffer.from(value), name)
  return { op: 'hset', key: keys.users(host), fields: { [name]: value } }
}

/** Describes a user by its stored value. */
export function describeUser(name: string, raw: Buffer): ListedUser {
  const { data } = User.safeParse(parseJson(raw))
  return {
    name,
    groups: data?.groups ?? [],
    password: data?.pass.startsWith('$') ? (data.pass.split('$')[1] ?? '') : 'hmac',
    totp: data?.totp !== undefined,
    state: data === undefined ? 'wrong' : data.disabled ? 'disabled' : 'enabled'
  }
}
