import createError from '@fastify/error'
import type { KeyIssue } from './key-names.ts'

/** The store is unavailable, and no usable value is cached. Expected while a store restarts: no stack. */
export const StoreUnavailable = createError<[]>(
  'RELIW_STORE_UNAVAILABLE',
  'The store is unavailable',
  503,
  Error,
  false
)

/** A stored value is invalid for its key. `key` and `issue` are for the log, not for clients. */
export class InvalidValue extends createError<[string, string]>(
  'RELIW_STORE_INVALID_VALUE',
  'Invalid value of %s: %s',
  500,
  Error,
  false
) {
  readonly key: string
  readonly issue: string

  constructor(key: string, issue: string) {
    super(key, issue)
    this.key = key
    this.issue = issue
  }
}

/** A key is outside the data model. */
export const UnknownKey = createError<[string]>(
  'RELIW_STORE_UNKNOWN_KEY',
  'Unknown key: %s',
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
  readonly issue: string

  constructor(key: string, { why, meant }: KeyIssue) {
    const issue = meant === undefined ? why : `${why}: did you mean ${meant}?`
    super(key, issue)
    this.key = key
    this.issue = issue
  }
}
