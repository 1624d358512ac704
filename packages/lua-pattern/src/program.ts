import { ANY_BYTE, type ByteSet } from './character-class.ts'
import type { Capture, Item } from './item.ts'
import { findLead, type Lead } from './lead.ts'
import { parsePattern } from './parse.ts'

/** A pattern made ready to be searched for, with the state of the one search that may be running. */
export interface Program {
  readonly source: string
  /** Bytes that begin every match; empty when they vary. */
  readonly prefix: string
  /** The item after the prefix; the rest follow by `next`. */
  readonly first: Item
  /** Bytes one of which must come first, where the prefix is empty and that is known. */
  readonly firstSet: ByteSet | undefined
  /** Finds the offsets at which several bytes in a row could begin a match, where that is known. */
  readonly lead: Lead | undefined
  /** Whether it begins with `^`. */
  readonly anchored: boolean
  /** Whether a search that fails where it begins fails everywhere after it. */
  readonly pinned: boolean
  /** With what the last match set them to. */
  readonly captures: readonly Capture[]

  /** Steps allowed and steps left to the call that is running. */
  budget: number
  steps: number
  /** Where the last match ends. */
  end: number
  /** The latest repetition that could still take another length. */
  choice: Item | undefined
}

/** Parses `pattern` and finds what makes searching for it fast. */
export function createProgram(pattern: string): Program {
  const { anchored, items, captures } = parsePattern(pattern)
  const varies = items.findIndex(({ literal }) => literal === '')
  const rest = items.slice(varies)
  const first = rest.reduceRight(link)
  return {
    source: pattern,
    prefix: items
      .slice(0, varies)
      .map(({ literal }) => literal)
      .join(''),
    first,
    firstSet: varies === 0 ? findFirstSet(first) : undefined,
    lead: varies === 0 ? findLead(items) : undefined,
    anchored,
    pinned: anchored || beginsWithAnything(items),
    captures,
    budget: 0,
    steps: 0,
    end: 0,
    choice: undefined
  }
}

function link(next: Item, item: Item): Item {
  item.next = next
  const firstSet = findFirstSet(next)
  item.keepsAll = firstSet === undefined ? next.op === 'finish' : !overlap(firstSet, item.set)
  return item
}

function overlap(one: ByteSet, other: ByteSet): boolean {
  return one.some((bit, byte) => bit === 1 && other[byte] === 1)
}

/** The bytes that an item which takes at least one may begin with. */
function findFirstSet({ op, least, set }: Item): ByteSet | undefined {
  return op === 'one' || (op === 'greedy' && least === 1) ? set : undefined
}

/**
 * What follows a leading `.*`, `.-` or `.+` is tried at every later offset by the first attempt,
 * so that no later attempt can succeed; unless it refers back to a part that would differ.
 */
function beginsWithAnything(items: Item[]): boolean {
  const first = items.find(({ op }) => op !== 'open' && op !== 'position')
  const unlimited = first?.op === 'lazy' || (first?.op === 'greedy' && first.most === Infinity)
  return unlimited && first?.set === ANY_BYTE && items.every(({ op }) => op !== 'reference')
}
