import { readCaptures } from './captures.ts'
import { type LuaGsubResult, parseReplacement, replaceMatches } from './gsub.ts'
import { createProgram, type Program } from './program.ts'
import { search } from './search.ts'

export type { LuaGsubResult } from './gsub.ts'

/** Default of `stepLimit`. */
const STEP_LIMIT = 100_000

/** Additional steps of `gsub` for each byte of the subject. */
const GSUB_STEPS_PER_BYTE = 16

/** Options of `compilePattern`. */
export interface CompilePatternOptions {
  /**
   * Maximum steps of a call of `test` or `match`, over all the offsets it tries. One step is an item entered, a byte
   * matched by a repetition, `%b` or a back-reference, or a repetition revised. `gsub` may take 16 more for each byte
   * of its subject. Default 100,000.
   */
  readonly stepLimit?: number
}

/** A step budget that several calls share. */
export interface StepBudget {
  /** Steps left: an integer or Infinity; 0 or less when used up. */
  left: number
}

/** A match. Offsets are 0-based, in bytes. */
export interface LuaMatch {
  readonly start: number
  /** Exclusive. */
  readonly end: number
  /** Strings, and 1-based numbers for `()`; the whole match if the pattern has no captures. */
  readonly captures: (string | number)[]
}

/**
 * A compiled pattern. It keeps state only during a call. Subjects and replacements are byte strings (`toByteString`): a
 * character above U+00FF matches no item. Each method throws a `LuaPatternBudgetError` when its steps are used up, and
 * can be called again afterwards.
 */
export interface LuaPattern {
  /** The pattern as given. */
  readonly source: string

  /**
   * Whether the pattern matches anywhere in `subject`: `string.find(s, p) ~= nil`.
   *
   * @param budget shared by several calls, instead of `stepLimit`; the steps of this call are deducted from it
   */
  test(subject: string, budget?: StepBudget): boolean

  /**
   * The first match at or after the offset `init` (default 0; clamped to the subject), which is also where `^` matches:
   * `string.match(s, p, init + 1)`.
   */
  match(subject: string, init?: number): LuaMatch | undefined

  /**
   * Replaces all matches, or the first `limit`: `string.gsub(s, p, replacement, limit)`. In the replacement, `%1` to
   * `%9` are captures, `%0` (and `%1` without captures) is the whole match, `%` and another byte is that byte, and a
   * trailing `%` is a NUL. Throws a `LuaPatternError` (`RELIW_LUA_PATTERN_REPLACEMENT`) for a capture that the pattern
   * does not have, once there is a match, and a `LuaPatternBudgetError` for a result of more than 64 KiB plus 16 bytes
   * for each byte of the subject.
   */
  gsub(subject: string, replacement: string, limit?: number): LuaGsubResult

  /** Throws the error that `gsub` would throw for this replacement at its first match. */
  checkReplacement(replacement: string): void
}

/**
 * Compiles a pattern of Lua 5.1, given as a byte string.
 *
 * Throws a `LuaPatternError` (`RELIW_LUA_PATTERN_MALFORMED`) for a malformed pattern. C Lua reports a fault only when
 * matching reaches it: `a%` is no error on a subject without an "a"; an unfinished capture is no error before a match,
 * nor in a `gsub` that does not use the capture; and `string.find` takes `a)` for plain text, because it has no special
 * byte that C Lua checks for. Here, all of these are refused at compile time.
 *
 * A NUL in a pattern is an ordinary byte; in C Lua 5.1 it ends the pattern.
 *
 * Throws a `RangeError` when `stepLimit` is not a positive integer.
 */
export function compilePattern(pattern: string, options: CompilePatternOptions = {}): LuaPattern {
  const { stepLimit = STEP_LIMIT } = options
  if (!Number.isSafeInteger(stepLimit) || stepLimit < 1) {
    throw new RangeError('stepLimit must be a positive integer')
  }
  return new CompiledPattern(createProgram(pattern), stepLimit)
}

class CompiledPattern implements LuaPattern {
  readonly #program: Program
  readonly #stepLimit: number

  constructor(program: Program, stepLimit: number) {
    this.#program = program
    this.#stepLimit = stepLimit
  }

  get source(): string {
    return this.#program.source
  }

  test(subject: string, budget?: StepBudget): boolean {
    if (budget === undefined) {
      this.#allow(this.#stepLimit)
      return search(this.#program, subject, 0) >= 0
    }
    this.#allow(Math.max(budget.left, 0))
    try {
      return search(this.#program, subject, 0) >= 0
    } finally {
      budget.left = this.#program.steps
    }
  }

  match(subject: string, init = 0): LuaMatch | undefined {
    this.#allow(this.#stepLimit)
    const program = this.#program
    const start = search(program, subject, Math.min(Math.max(init, 0), subject.length))
    if (start < 0) return undefined
    return { start, end: program.end, captures: readCaptures(program, subject, start) }
  }

  gsub(subject: string, replacement: string, limit = Infinity): LuaGsubResult {
    this.#allow(this.#stepLimit + GSUB_STEPS_PER_BYTE * subject.length)
    return replaceMatches(this.#program, subject, replacement, limit)
  }

  checkReplacement(replacement: string): void {
    parseReplacement(replacement, this.#program)
  }

  #allow(steps: number): void {
    this.#program.budget = steps
    this.#program.steps = steps
  }
}
