import { newApiKey } from '@reliw/auth/credentials'
import { ApiKey, type Store } from '@reliw/model'
import { parseJson } from './parse-json.ts'
import { checkUserName } from './credentials.ts'
import { NotFound } from './errors.ts'

/** Number of characters of a key's hash that make its id. */
const SHORT = 12
/** Shown for a key whose stored value is invalid: it authenticates nobody, and can be deleted. */
const NOTHING: ApiKey = { user: '', groups: [], name: '' }

export interface NewApiKey {
  /** The user that requests with the key count as. No user of that name has to exist. */
  user: string
  groups?: readonly string[]
  /** The purpose of the key. */
  name?: string
  /** How long the key is valid, in milliseconds; undefined: forever. */
  lifetime?: number | undefined
}

/** An API key; its id is the beginning of its hash. */
export interface ListedApiKey extends ApiKey {
  id: string
  state: 'good' | 'expired' | 'wrong'
}

/**
 * Creates an API key.
 *
 * @returns the key, which cannot be read again, and its id
 * @throws InvalidInput for the name of the user; InvalidValue for the groups
 */
export async function addApiKey(
  { driver, keys }: Store,
  host: string,
  { user, groups = [], name = '', lifetime }: NewApiKey
): Promise<{ key: string; id: string }> {
  checkUserName(user)
  const { key, hash } = newApiKey()
  const created = Date.now()
  const expires = lifetime === undefined ? undefined : created + lifetime
  const value = JSON.stringify({ user, groups, name, created, expires })
  keys.check(keys.apiKeys(host), Buffer.from(value), hash)
  await driver.write([{ op: 'hset', key: keys.apiKeys(host), fields: { [hash]: value } }])
  return { key, id: hash.slice(0, SHORT) }
}

/** The API keys of a host. */
export async function listApiKeys({ driver, keys }: Store, host: string): Promise<ListedApiKey[]> {
  const fields = Object.entries((await driver.hash(keys.apiKeys(host))) ?? {})
  return fields.map(([hash, raw]) => describe(hash, raw))
}

/**
 * Deletes an API key, which becomes invalid at once.
 *
 * @param id the id of the key, or its whole hash
 * @throws NotFound
 */
export async function deleteApiKey(
  { driver, keys }: Store,
  host: string,
  id: string
): Promise<void> {
  const key = keys.apiKeys(host)
  const hashes = Object.keys((await driver.hash(key)) ?? {})
  const found = hashes.filter((hash) => hash === id || hash.slice(0, SHORT) === id)
  if (found.length === 0) throw new NotFound(`${host} has no API key ${id}.`)
  await driver.write(found.map((field) => ({ op: 'hdelete', key, field }) as const))
}

/** The hashes of a user's API keys, expired and invalid ones included. */
export async function hashesOfUser(
  { driver, keys }: Store,
  host: string,
  user: string
): Promise<string[]> {
  const fields = Object.entries((await driver.hash(keys.apiKeys(host))) ?? {})
  return fields.filter(([, raw]) => ownerOf(raw) === user).map(([hash]) => hash)
}

function ownerOf(raw: Buffer): unknown {
  return (parseJson(raw) as { user?: unknown } | null | undefined)?.user
}

function describe(hash: string, raw: Buffer): ListedApiKey {
  const { data } = ApiKey.safeParse(parseJson(raw))
  const { expires = Infinity } = data ?? NOTHING
  const state = data === undefined ? 'wrong' : Date.now() < expires ? 'good' : 'expired'
  return { id: hash.slice(0, SHORT), ...(data ?? NOTHING), state }
}
