import type { ByteSet } from './character-class.ts'
import type { Item } from './item.ts'

/**
 * The first bytes of every match, as a regular expression.
 *
 * security: the expression has a fixed length and no repetition, so it cannot backtrack exponentially.
 */
export interface Lead {
  /** Global: it searches from its `lastIndex`, and sets it to the end of what it found. */
  readonly expression: RegExp
  readonly length: number
}

/** Maximum length in bytes; a longer lead does not narrow the search any further in practice. */
const MAX_LENGTH = 8

/** The lead of a pattern that begins with at least two single-byte items; undefined for other patterns. */
export function findLead(items: readonly Item[]): Lead | undefined {
  const end = items.findIndex(({ op }) => op !== 'one')
  const leading = items.slice(0, Math.min(end === -1 ? items.length : end, MAX_LENGTH))
  if (leading.length < 2) return undefined
  const source = leading.map(({ set }) => toClass(set)).join('')
  return { expression: new RegExp(source, 'g'), length: leading.length }
}

/** The next offset of the lead at or after `from`, or -1. */
export function nextLead({ expression, length }: Lead, subject: string, from: number): number {
  expression.lastIndex = from
  return expression.test(subject) ? expression.lastIndex - length : -1
}

/** A character class of the bytes in a set: byte strings contain no other characters. */
function toClass(set: ByteSet): string {
  let ranges = ''
  for (let first = 0; first < 256; first++) {
    if (set[first] !== 1) continue
    let last = first
    while (last < 255 && set[last + 1] === 1) last++
    ranges += first === last ? toEscape(first) : `${toEscape(first)}-${toEscape(last)}`
    first = last
  }
  return `[${ranges}]`
}

function toEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`
}
