/** The faults of a pattern, or of the replacement of a `gsub`. */
export type LuaPatternFault =
  | "ends with '%'"
  | 'invalid capture index'
  | 'invalid pattern capture'
  | "missing ']'"
  | "missing '[' after '%f'"
  | 'not a byte string'
  | 'too many captures'
  | 'unbalanced pattern'
  | 'unfinished capture'

/** Whether the pattern is malformed, or a replacement does not fit the pattern. */
export type LuaPatternErrorCode = 'RELIW_LUA_PATTERN_MALFORMED' | 'RELIW_LUA_PATTERN_REPLACEMENT'

/** A pattern that cannot be compiled, or a replacement that refers to a capture the pattern does not have. */
export class LuaPatternError extends Error {
  override readonly name = 'LuaPatternError'
  readonly code: LuaPatternErrorCode
  readonly fault: LuaPatternFault
  /** The pattern, a byte string. */
  readonly pattern: string
  /** 0-based offset, in bytes, of the faulty item in the pattern or the replacement. */
  readonly position: number

  constructor(code: LuaPatternErrorCode, fault: LuaPatternFault, pattern: string, at: number) {
    const where = code === 'RELIW_LUA_PATTERN_MALFORMED' ? 'pattern' : 'replacement'
    super(`${fault} at offset ${at} of the Lua ${where} (${code})`)
    this.code = code
    this.fault = fault
    this.pattern = pattern
    this.position = at
  }
}

/**
 * A match that exceeded its step budget, or a `gsub` whose result is too long.
 *
 * security: the subject may be crafted for this, or the pattern or replacement is careless.
 */
export class LuaPatternBudgetError extends Error {
  override readonly name = 'LuaPatternBudgetError'
  readonly code = 'RELIW_LUA_PATTERN_BUDGET'
  /** The pattern, a byte string. */
  readonly pattern: string
  /** The budget of the call: steps, or bytes of the result. */
  readonly budget: number

  constructor(pattern: string, budget: number, unit: 'steps' | 'bytes of result' = 'steps') {
    super(`the Lua pattern needed more than ${budget} ${unit} (RELIW_LUA_PATTERN_BUDGET)`)
    this.pattern = pattern
    this.budget = budget
  }
}
