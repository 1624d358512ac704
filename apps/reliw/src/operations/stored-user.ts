import { type Operation, type Store, User } from '@reliw/model'
import { parseJson } from './parse-json.ts'
import { NotFound } from './errors.ts'

/** A user as stored, with every field that the value has. */
export type StoredUser = Record<string, unknown>

/** A user, without anything secret. */
export interface ListedUser {
  name: string
  groups: readonly string[]
  /** How the password is kept: `hmac`, or the algorithm of its PHC string. */
  password: string
  /** Whether a login asks for a code as well. */
  totp: boolean
  /** `wrong`: the stored value is no user, and nobody can log in with it. */
  state: 'enabled' | 'disabled' | 'wrong'
}

/** @throws InvalidValue when the stored value is wrong */
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

/** @throws NotFound; InvalidValue when the stored value is wrong */
export async function getStoredUser(store: Store, host: string, name: string): Promise<StoredUser> {
  const user = await findStoredUser(store, host, name)
  if (user === undefined) throw new NotFound(`${host} has no user ${name}.`)
  return user
}

/**
 * The operation that stores a user.
 *
 * @throws InvalidValue when the value would be wrong; InvalidKey when the host is none
 */
export function toStore({ keys }: Store, host: string, name: string, user: StoredUser): Operation {
  const value = JSON.stringify(user)
  keys.check(keys.users(host), Buffer.from(value), name)
  return { op: 'hset', key: keys.users(host), fields: { [name]: value } }
}

/** What a stored value says of a user. */
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
