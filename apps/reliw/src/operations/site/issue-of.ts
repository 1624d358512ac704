import { InvalidKey, InvalidValue, UnknownKey } from '@reliw/model'

/** The validation issue that a check throws, with its key; undefined when it throws none. */
export function issueOf(check: () => void): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    if (error instanceof InvalidValue) return `${error.key}: ${error.issue}`
    if (error instanceof InvalidKey || error instanceof UnknownKey) return error.message
    throw error
  }
}
