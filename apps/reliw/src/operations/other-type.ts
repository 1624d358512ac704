import { InvalidValue } from '@reliw/model'

/**
 * Rejection handler for reading keys whose type is not known: a key of another Redis type has no value, and must not
 * keep the other keys from being read.
 */
export function otherType(error: unknown): undefined {
  if (!(error instanceof InvalidValue)) throw error
}
