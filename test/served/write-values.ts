import type { Store } from '@reliw/model'
import { HUNG_AFTER } from '@reliw/testing'
import { openStore, type StoreOptions } from '@reliw/store'

type Operation = Parameters<Store['driver']['write']>[0][number]

/** What a store is to hold: key without prefix → text, value for JSON, or fields of a hash. */
export type Values = Readonly<Record<string, unknown>>

/** Keys whose values have fields. */
const HASH = /^(?:FILES:|KEYS:|TITLES:|USERS:|WAF$)/

/** Puts values into a store, as another process would. */
export async function writeValues(options: StoreOptions, values: Values): Promise<void> {
  const store = await openStore(options)
  try {
    if (!(await store.ready(HUNG_AFTER))) throw new Error('the store did not connect')
    const operations = Object.entries(values).map(([name, value]) => operation(store, name, value))
    await store.driver.write(operations)
  } finally {
    await store.close()
  }
}

function operation({ keys }: Store, name: string, value: unknown): Operation {
  const key = keys.complete(name)
  if (HASH.test(name)) {
    return { op: 'hset', key, fields: value as Record<string, string | Buffer> }
  }
  return { op: 'set', key, value: typeof value === 'string' ? value : JSON.stringify(value) }
}
