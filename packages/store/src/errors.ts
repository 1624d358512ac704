import createError from '@fastify/error'
import { InvalidValue } from '@reliw/model'

/** Error for a key of another type than the one read, as when a Redis command outside RELIW created it. */
export function wrongType(key: string, expected: 'string' | 'hash'): InvalidValue {
  return new InvalidValue(key, `expected a ${expected}, but the key has another type`)
}

/** A write failed: the disk is full, the store is read-only, or it refused the write. The stored data is unchanged. */
export const WriteFailed = createError<[string]>(
  'RELIW_STORE_WRITE_FAILED',
  'The store refused the write: %s',
  500
)

/** Error messages for a key that is not a counter, in Redis' wording, which the embedded store uses too. */
const NOT_COUNTER = /^(WRONGTYPE|ERR .*(not an integer|overflow|too long))/

/** Whether an increment failed permanently: a retry is of no use until the stored value is corrected. */
export function isNotCounter(error: Error): boolean {
  return NOT_COUNTER.test(error.message)
}

/** The store cannot be opened as configured. */
export const CannotOpen = createError<[string]>(
  'RELIW_STORE_CANNOT_OPEN',
  'Cannot open the store: %s',
  500
)
