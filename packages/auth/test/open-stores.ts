// Stores of either kind, and what is put into them for the host that apps of tests serve.

import type { Operation, Store } from '@reliw/model'
import { openStore } from '@reliw/store'
import { HUNG_AFTER, startRedis, tempDir, type RedisServer, type TestContext } from '@reliw/testing'
import { hashToken } from '../src/token.ts'
import type { StoredUser } from './stored-users.ts'
import { HOST } from './start-app.ts'

/** Every kind of store that there is. */
export const KINDS = ['embedded', 'redis'] as const

export interface OpenedStore {
  readonly store: Store
  /** Opens the same data once more, as another process does. */
  readonly openAgain: () => Promise<Store>
  /** What the store is in, if it is Redis. */
  readonly redis?: RedisServer
}

/** Opens an empty store. It is closed with the test. */
export async function openStoreOf(
  t: TestContext,
  kind: (typeof KINDS)[number]
): Promise<OpenedStore> {
  const redis = kind === 'redis' ? await startRedis(t) : undefined
  const dir = redis === undefined ? tempDir(t) : undefined
  const open = async (): Promise<Store> => {
    const store = await openStore(redis === undefined ? { dir } : { redis: { port: redis.port } })
    t.teardown(() => store.close())
    if (!(await store.ready(HUNG_AFTER))) throw new Error('the store did not connect')
    return store
  }
  return { store: await open(), openAgain: open, ...(redis && { redis }) }
}

/** Puts users into a store, in place of those of the same names. */
export function putUsers(store: Store, users: Record<string, StoredUser>): Promise<void> {
  return write(store, { op: 'hset', key: store.keys.users(HOST), fields: asJson(users) })
}

export function removeUser(store: Store, name: string): Promise<void> {
  return write(store, { op: 'hdelete', key: store.keys.users(HOST), field: name })
}

/** Says what holds for logins and sessions. */
export function putAuth(store: Store, auth: Record<string, unknown>): Promise<void> {
  const value = JSON.stringify({ auth })
  return write(store, { op: 'set', key: store.keys.settings(HOST), value })
}

/** Puts a session there, as an app would have when somebody logged in. */
export function putSession(
  store: Store,
  token: string,
  session: Record<string, unknown>,
  ttl: number
): Promise<void> {
  const key = store.keys.session(HOST, hashToken(token))
  return write(store, { op: 'set', key, value: JSON.stringify(session), ttl })
}

/** The keys of all sessions, or of logins under way. */
export async function keysOf(store: Store, family: 'SESSIONS' | 'LOGINS'): Promise<string[]> {
  const found: string[] = []
  for await (const keys of store.driver.keys(`RLW:${family}:`)) found.push(...keys)
  return found
}

/** The value of a key that there is. */
export async function textOf({ driver }: Store, key: string): Promise<string> {
  const value = await driver.get(key)
  if (value === undefined) throw new Error(`no ${key}`)
  return value.toString()
}

export function write({ driver }: Store, operation: Operation): Promise<void> {
  return driver.write([operation])
}

function asJson(values: Record<string, object>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)])
  )
}
