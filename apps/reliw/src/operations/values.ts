import type { Store } from '@reliw/model'
import { NotFound } from './errors.ts'

/** Number of keys in a batch. */
const BATCH = 1000

/** The key of a value. The prefix may be left out; a key always lies below the prefix. */
export interface Place {
  key: string
  /** A field of a hash. */
  field?: string | undefined
}

/**
 * Reads a string or a field as it is, or all fields of a hash.
 *
 * @throws NotFound; InvalidValue for a key of another type
 */
export async function readValue(
  { driver, keys }: Store,
  { key: given, field }: Place
): Promise<Buffer | Record<string, Buffer>> {
  const key = keys.complete(given)
  const value =
    field !== undefined
      ? await driver.hashField(key, field)
      : (await driver.type(key)) === 'hash'
        ? await driver.hash(key)
        : await driver.get(key)
  if (value === undefined) throw absent({ key, field })
  return value
}

/**
 * Deletes a key of any type, or a field of a hash.
 *
 * @throws NotFound; InvalidValue for a field of a key that is not a hash
 */
export async function deleteValue(
  { driver, keys }: Store,
  { key: given, field }: Place
): Promise<void> {
  const key = keys.complete(given)
  const found = field === undefined ? await driver.type(key) : await driver.hashField(key, field)
  if (found === undefined) throw absent({ key, field })
  await driver.write([field === undefined ? { op: 'delete', key } : { op: 'hdelete', key, field }])
}

/** Keys with a prefix, in batches and in no order; a key may be listed twice. */
export function listKeys({ driver, keys }: Store, prefix: string): AsyncIterable<string[]> {
  return driver.keys(keys.complete(prefix), BATCH)
}

function absent({ key, field }: Place): Error {
  return new NotFound(`${[key, field].join(' ').trim()} does not exist in the store.`)
}
