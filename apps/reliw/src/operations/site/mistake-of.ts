import { InvalidKey, InvalidValue, UnknownKey } from '@reliw/model'

/** What a check says is wrong, with the key it is about; undefined when nothing is. */
export function mistakeOf(check: () => void): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    if (error instanceof InvalidValue) return `${error.key}: ${error.mistake}`
    if (error instanceof InvalidKey || error instanceof UnknownKey) return error.message
    throw error
  }
}
