import createError from '@fastify/error'

/** What an operation was to read, change or delete does not exist. Nothing was changed. */
export const NotFound = createError<[string]>('RELIW_OPERATIONS_NOT_FOUND', '%s', 404, Error, false)

/** What was to be written does not go with what is stored. Nothing was changed. */
export const Conflict = createError<[string]>('RELIW_OPERATIONS_CONFLICT', '%s', 409, Error, false)

/** The input is wrong, whatever is stored. Nothing was changed. */
export class InvalidInput extends createError<[string]>(
  'RELIW_OPERATIONS_INVALID_INPUT',
  '%s',
  400,
  Error,
  false
) {
  /** Every mistake, as a sentence or as `key: mistake`. */
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'))
    this.mistakes = mistakes
  }
}

/** The stored rules of a host cannot be read. */
export const WrongRules = createError<[string]>(
  'RELIW_OPERATIONS_WRONG_RULES',
  'The rules of %s are wrong',
  409,
  Error,
  false
)
