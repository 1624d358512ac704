import type { Operation } from '@reliw/model'
import { openStore, type StoreOptions } from '@reliw/store'
import { HUNG_AFTER, type TestContext } from '@reliw/testing'

/**
 * Writes a key's value: a string as it is, the fields of a hash, all else as JSON. `undefined` deletes the
 * key, or the field.
 */
export type Write = (key: string, value: unknown) => Promise<void>

type Fields = Record<string, string | Buffer | undefined>

/** Keys whose values have fields. */
const HASH = /^(?:FILES:|KEYS:|TITLES:|USERS:|WAF$)/

/** Opens a store as another process would, and puts values into it. It is closed with the test. */
export async function openSites(
  t: TestContext,
  options: StoreOptions,
  values: Record<string, unknown>
): Promise<Write> {
  const store = await openStore(options)
  t.teardown(() => store.close())
  if (!(await store.ready(HUNG_AFTER))) throw new Error('the store did not connect')
  const { driver, keys } = store
  const write: Write = async (name, value) => {
    const key = keys.complete(name)
    if (value === undefined) return driver.write([{ op: 'delete', key }])
    if (HASH.test(name)) return driver.write(fieldsOf(key, value as Fields))
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return driver.write([{ op: 'set', key, value: text }])
  }
  for (const [key, value] of Object.entries(values)) await write(key, value)
  return write
}

function fieldsOf(key: string, fields: Fields): Operation[] {
  return Object.entries(fields).map(([field, value]) =>
    value === undefined
      ? { op: 'hdelete', key, field }
      : { op: 'hset', key, fields: { [field]: value } }
  )
}
