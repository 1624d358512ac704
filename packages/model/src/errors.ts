import createError from '@fastify/error'
import type { KeyMistake } from './key-names.ts'

/** The store is unavailable, and no usable value is cached. Expected while a store restarts: no stack. */
export const StoreUnavailable = createError<[]>(
  'RELIW_STORE_UNAVAILABLE',
  'The store is not available',
  503,
  Error,
  false
)

/** A stored value is invalid for its key. `key` and `mistake` are for the log, not for clients. */
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

/** A key is outside the data model. */
export const UnknownKey = createError<[string]>(
  'RELIW_STORE_UNKNOWN_KEY',
  'No such kind of key: %s',
  400,
  Error,
  false
)

/** A key belongs to the data model, but is never looked up in this form: a value stored there would not be found. */
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
