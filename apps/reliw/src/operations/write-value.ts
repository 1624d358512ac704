import type { Operation, Store } from '@reliw/model'
import { Conflict } from './errors.ts'
import { findConflict } from './site/conflicts.ts'
import type { Place } from './values.ts'

export interface NewValue extends Place {
  value: Buffer
  /** Time until the key, with all its fields, expires, in milliseconds; undefined: never, or unchanged for a hash. */
  ttl?: number | undefined
  /** Whether to write the value without checking it. Default: false. */
  isUnchecked?: boolean
}

/**
 * Writes a string, or a field of a hash.
 *
 * @throws UnknownKey, InvalidKey or InvalidValue for a value that is invalid in itself; Conflict with other stored
 * values
 */
export async function writeValue(
  store: Store,
  { key: given, field, value, ttl, isUnchecked = false }: NewValue
): Promise<void> {
  const { driver, keys } = store
  const key = keys.complete(given)
  if (!isUnchecked) {
    keys.check(key, value, field)
    const conflict = await findConflict(store, key, value)
    if (conflict !== undefined) throw new Conflict(conflict)
  }
  if (field === undefined) return driver.write([{ op: 'set', key, value, ttl }])
  const operations: Operation[] = [{ op: 'hset', key, fields: { [field]: value } }]
  if (ttl !== undefined) operations.push({ op: 'expire', key, ttl })
  await driver.write(operations)
}
