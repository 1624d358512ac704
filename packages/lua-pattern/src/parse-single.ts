import {
  addClass,
  addRange,
  ANY_BYTE,
  type ByteSet,
  classSet,
  isClass,
  literalSet
} from './character-class.ts'
import { LuaPatternError, type LuaPatternFault } from './errors.ts'

/** A single-character item: `x`, `.`, `%x` or a set. */
export interface Single {
  readonly set: ByteSet
  /** The byte, if the item is a literal; empty for classes and sets. */
  readonly literal: string
  /** The offset after the item. */
  readonly end: number
}

/** Parses the single-character item at offset `at` of `pattern`. */
export function parseSingle(pattern: string, at: number): Single {
  const byte = pattern.charAt(at)
  if (byte === '.') return { set: ANY_BYTE, literal: '', end: at + 1 }
  if (byte === '[') return parseSet(pattern, at)
  if (byte !== '%') return { set: literalSet(byte), literal: byte, end: at + 1 }

  const letter = pattern.charAt(at + 1)
  if (letter === '') malformed("ends with '%'", pattern, at)
  return { set: classSet(letter), literal: isClass(letter) ? '' : letter, end: at + 2 }
}

/** Parses the set whose `[` is at offset `at` of `pattern`. */
export function parseSet(pattern: string, at: number): Single {
  const complement = pattern.charAt(at + 1) === '^'
  const first = complement ? at + 2 : at + 1
  const close = findClose(pattern, at, first)
  const set = new Uint8Array(256)
  for (let i = first; i < close; i++) {
    if (pattern.charAt(i) === '%') {
      // After a range that ends in "%", as in "[a-%%]", this reads the "]" itself, as C Lua does.
      addClass(set, pattern.charAt(++i))
    } else if (pattern.charAt(i + 1) === '-' && i + 2 < close) {
      addRange(set, pattern.charAt(i), pattern.charAt(i + 2))
      i += 2
    } else addRange(set, pattern.charAt(i), pattern.charAt(i))
  }
  return { set: complement ? set.map((bit) => 1 - bit) : set, literal: '', end: close + 1 }
}

/** Throws the error for a malformed pattern. */
export function malformed(fault: LuaPatternFault, pattern: string, at: number): never {
  throw new LuaPatternError('RELIW_LUA_PATTERN_MALFORMED', fault, pattern, at)
}

/**
 * The offset of the `]` that ends a set: never the first byte of the set, nor the byte after `%`, even where `%` ends a
 * range.
 */
function findClose(pattern: string, at: number, first: number): number {
  let i = first
  do {
    if (i >= pattern.length) malformed("missing ']'", pattern, at)
    i += pattern.charAt(i) === '%' && i + 1 < pattern.length ? 2 : 1
  } while (pattern.charAt(i) !== ']')
  return i
}
