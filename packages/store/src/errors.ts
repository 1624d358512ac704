import createError from '@fastify/error'
import { InvalidValue } from '@reliw/model'

/** What is stored under a key has another type than is read: a Redis command put it there. */
export function wrongType(key: string, expected: 'string' | 'hash'): InvalidValue {
  return new InvalidValue(key, `expected a ${expected}, and the key has another type`)
}

/** A write failed: the disk is full, the store is read-only, or it refused. What was there is unchanged. */
export const WriteFailed = createError<[string]>(
  'RELIW_STORE_WRITE_FAILED',
  'The store did not take the write: %s',
  500
)

/** What says that a key is no counter, nor will be: in Redis’ words, which the embedded store uses too. */
const NO_COUNTER = /^(WRONGTYPE|ERR .*(not an integer|overflow|too long))/

/** Whether an increment failed for good: trying again is of no use until somebody mends what is stored. */
export function isNoCounter(error: Error): boolean {
  return NO_COUNTER.test(error.message)
}

/** The store cannot be opened as configured. */
export const CannotOpen = createError<[string]>(
  'RELIW_STORE_CANNOT_OPEN',
  'Cannot open the store: %s',
  500
)
