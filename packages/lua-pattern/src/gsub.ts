import { readCapture } from './captures.ts'
import { LuaPatternBudgetError, LuaPatternError } from './errors.ts'
import type { Capture } from './item.ts'
import type { Program } from './program.ts'
import { search } from './search.ts'

/** The result of `gsub`: the new string and the number of replaced matches. */
export interface LuaGsubResult {
  readonly result: string
  readonly count: number
}

/** A part of a replacement: bytes to copy, a capture to insert, or (undefined) the whole match. */
type Part = string | Capture | undefined

/** Maximum size of a result in bytes, plus 16 for each byte of the subject. */
const RESULT_LIMIT = 65_536
const RESULT_PER_BYTE = 16

/**
 * Replaces up to `limit` matches in `subject`; the caller sets the budget of `program` first.
 *
 * security: the step budget does not bound the result: a replacement of 100 KB for each byte of an 8 KB path is 800 MB.
 */
export function replaceMatches(
  program: Program,
  subject: string,
  replacement: string,
  limit: number
): LuaGsubResult {
  let parts: Part[] | undefined
  let result = ''
  let count = 0
  let copied = 0
  let at = 0
  const longest = RESULT_LIMIT + RESULT_PER_BYTE * subject.length
  while (count < limit && at <= subject.length) {
    const start = search(program, subject, at)
    if (start < 0) break
    // Not parsed before the first match: without a match, C Lua does not read the replacement either.
    parts ??= parseReplacement(replacement, program)
    result += subject.slice(copied, start) + expand(parts, program, subject, start)
    copied = program.end
    if (result.length > longest)
      throw new LuaPatternBudgetError(program.source, longest, 'bytes of result')
    at = program.end === start ? start + 1 : program.end
    count++
    if (program.anchored) break
  }
  return { result: result + subject.slice(copied), count }
}

function expand(parts: Part[], program: Program, subject: string, start: number): string {
  let text = ''
  for (const part of parts) {
    if (typeof part === 'string') text += part
    else if (part === undefined) text += subject.slice(start, program.end)
    else text += String(readCapture(part, subject))
  }
  return text
}

/** Parses a replacement; throws for a capture that the pattern does not have. */
export function parseReplacement(replacement: string, program: Program): Part[] {
  const parts: Part[] = []
  for (let i = 0; i < replacement.length; i++) {
    const percent = replacement.indexOf('%', i)
    const plain = replacement.slice(i, percent < 0 ? replacement.length : percent)
    if (plain !== '') parts.push(plain)
    if (percent < 0) break
    i = percent + 1
    parts.push(parseEscape(replacement, i, program))
  }
  return parts
}

/** The part denoted by `%` and the byte at `at`. */
function parseEscape(replacement: string, at: number, program: Program): Part {
  const byte = replacement.charAt(at)
  // For a trailing "%", C Lua reads the NUL that ends the replacement as the escaped byte.
  if (byte === '') return '\0'
  if (byte < '0' || byte > '9') return byte
  const { captures } = program
  if (byte === '0' || (byte === '1' && captures.length === 0)) return undefined
  const capture = captures[Number(byte) - 1]
  if (capture !== undefined) return capture
  throw new LuaPatternError(
    'RELIW_LUA_PATTERN_REPLACEMENT',
    'invalid capture index',
    program.source,
    at - 1
  )
}
