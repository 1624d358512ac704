import type { ByteSet } from './character-class.ts'
import type { Item } from './item.ts'

/** The bytes that every match begins with, as a regular expression: each has one length, so none can explode. */
export interface Lead {
  /** Global: it searches from its `lastIndex` on, and leaves it behind what it found. */
  readonly expression: RegExp
  readonly length: number
}

/** Longer leads find nothing that shorter ones do not. */
const MAX_LENGTH = 8

/** The lead of a pattern that begins with several items of one byte each; undefined for all others. */
export function findLead(items: readonly Item[]): Lead | undefined {
  const end = items.findIndex(({ op }) => op !== 'one')
  const leading = items.slice(0, Math.min(end === -1 ? items.length : end, MAX_LENGTH))
  if (leading.length < 2) return undefined
  const source = leading.map(({ set }) => toClass(set)).join('')
  return { expression: new RegExp(source, 'g'), length: leading.length }
}

/** The offset from `from` on at which the lead is next, or -1. */
export function nextLead({ expression, length }: Lead, subject: string, from: number): number {
  expression.lastIndex = from
  return expression.test(subject) ? expression.lastIndex - length : -1
}

/** A class of exactly the bytes of a set: it has no other characters. */
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
