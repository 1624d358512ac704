import createError from '@fastify/error'

/** The value that an operation should read, change or delete does not exist. Nothing was changed. */
export const NotFound = createError<[string]>('RELIW_OPERATIONS_NOT_FOUND', '%s', 404, Error, false)

/** The value to be written conflicts with stored values. Nothing was changed. */
export const Conflict = createError<[string]>('RELIW_OPERATIONS_CONFLICT', '%s', 409, Error, false)

/** The input is invalid in itself. Nothing was changed. */
export class InvalidInput extends createError<[string]>(
  'RELIW_OPERATIONS_INVALID_INPUT',
  '%s',
  400,
  Error,
  false
) {
  /** All validation issues, as sentences or as `key: issue`. */
  readonly issues: readonly string[]

  constructor(issues: readonly string[]) {
    super(issues.join('\n'))
    this.issues = issues
  }
}

/** The stored firewall rules of a host are invalid. */
export const WrongRules = createError<[string]>(
  'RELIW_OPERATIONS_WRONG_RULES',
  'The stored rules of %s are invalid',
  409,
  Error,
  false
)

/** The blocks of trusted proxies were not fetched, or are no such list: the former ones stay. */
export const NotRefreshed = createError<[string]>(
  'RELIW_OPERATIONS_NOT_REFRESHED',
  '%s',
  502,
  Error,
  false
)
