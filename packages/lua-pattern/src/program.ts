import { ANY_BYTE, type ByteSet } from './character-class.ts'
import type { Capture, Item } from './item.ts'
import { findLead, type Lead } from './lead.ts'
import { parsePattern } from './parse.ts'

/** A compiled pattern, with the state of the one search that may be running. */
export interface Program {
  readonly source: string
  /** The literal bytes at the start of every match; empty when the start varies. */
  readonly prefix: string
  /** The item after the prefix; the others follow by `next`. */
  readonly first: Item
  /** The possible first bytes of a match, if the prefix is empty and they are known. */
  readonly firstSet: ByteSet | undefined
  /** Finds offsets where several consecutive bytes could start a match, if such a lead is known. */
  readonly lead: Lead | undefined
  /** Whether the pattern begins with `^`. */
  readonly anchored: boolean
  /** Whether a search that fails at its first offset also fails at all later ones. */
  readonly pinned: boolean
  /** The captures, as set by the latest match. */
  readonly captures: readonly Capture[]

  /** The step budget of the current call, and the steps left. */
  budget: number
  steps: number
  /** The end of the latest match. */
  end: number
  /** The latest repetition that could still take another length. */
  choice: Item | undefined
}

/** Parses `pattern` and prepares what makes searching fast. */
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

/** The possible first bytes of an item that takes at least one byte. */
function findFirstSet({ op, least, set }: Item): ByteSet | undefined {
  return op === 'one' || (op === 'greedy' && least === 1) ? set : undefined
}

/**
 * Whether the pattern starts with `.*`, `.-` or `.+`. The first attempt then tries the rest of the pattern at every
 * later offset, so no later attempt can succeed, unless the pattern has a back-reference to a part that would differ.
 */
function beginsWithAnything(items: Item[]): boolean {
  const first = items.find(({ op }) => op !== 'open' && op !== 'position')
  const unlimited = first?.op === 'lazy' || (first?.op === 'greedy' && first.most === Infinity)
  return unlimited && first?.set === ANY_BYTE && items.every(({ op }) => op !== 'reference')
}
