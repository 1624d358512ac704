import createError from '@fastify/error'
import type { KeyMistake } from './key-names.ts'

/** The store cannot be asked now, and nothing usable is kept. Expected while a store restarts: no stack. */
export const StoreUnavailable = createError<[]>(
  'RELIW_STORE_UNAVAILABLE',
  'The store is not available',
  503,
  Error,
  false
)

/** A stored value is not what its key asks for. `key` and `mistake` are for the log, not for clients. */
export class InvalidValue extends createError<[string, string]>(
  'RELIW_STORE_INVALID_VALUE',
  'The value of %s is wrong: %s',
  500,
  Error,
  false
) {
  readonly key: string
  readonly mistake: string

  constructor(key: string, mistake: string) {
    super(key, mistake)
    this.key = key
    this.mistake = mistake
  }
}

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

/** A key names no part of the data model. */
export const UnknownKey = createError<[string]>(
  'RELIW_STORE_UNKNOWN_KEY',
  'No such kind of key: %s',
  400,
  Error,
  false
)

/** The store cannot be opened as configured. */
export const CannotOpen = createError<[string]>(
  'RELIW_STORE_CANNOT_OPEN',
  'Cannot open the store: %s',
  500
)

/** A key is one of the data model, but not as it is looked up: what is stored there would never be found. */
export class InvalidKey extends createError<[string, string]>(
  'RELIW_STORE_INVALID_KEY',
  '%s: %s',
  400,
  Error,
  false
) {
  readonly key: string
  readonly mistake: string

  constructor(key: string, { why, meant }: KeyMistake) {
    const mistake = meant === undefined ? why : `${why}: did you mean ${meant}?`
    super(key, mistake)
    this.key = key
    this.mistake = mistake
  }
}
