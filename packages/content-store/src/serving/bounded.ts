import { LuaPatternBudgetError } from '@reliw/lua-pattern'
import { InvalidValue } from '@reliw/model'

/**
 * Matches a pattern of a stored value. A pattern that takes too long on a path is reported as an invalid value.
 *
 * @param key of the stored value
 * @throws {InvalidValue}
 */
export function bounded<T>(key: string, match: () => T): T {
  try {
    return match()
  } catch (error) {
    if (!(error instanceof LuaPatternBudgetError)) throw error
    throw new InvalidValue(key, error.message)
  }
}
