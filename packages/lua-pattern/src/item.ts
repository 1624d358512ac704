import { type ByteSet, NO_BYTE } from './character-class.ts'

/** The operation of a pattern item. `greedy` is `?`, `*` and `+`; `lazy` is `-`; `accept` follows the last item. */
export type Op =
  | 'one'
  | 'greedy'
  | 'lazy'
  | 'open'
  | 'close'
  | 'position'
  | 'reference'
  | 'balance'
  | 'frontier'
  | 'finish'
  | 'accept'

/** A capture of a pattern and, during a match, its start and end. */
export interface Capture {
  readonly isPosition: boolean
  start: number
  end: number
}

/** A capture that no match has set yet. */
export function createCapture(isPosition: boolean): Capture {
  return { isPosition, start: 0, end: 0 }
}

const NO_CAPTURE = createCapture(false)

/**
 * An item of a compiled pattern. All items have the same shape, so that the matcher stays monomorphic. They form a
 * list: Lua's patterns have no alternation.
 */
export interface Item {
  readonly op: Op
  /** The bytes matched by `one`, `greedy`, `lazy` and `frontier`. */
  readonly set: ByteSet
  /** The single byte in `set`, if the pattern contains it literally; otherwise empty. */
  readonly literal: string
  /** Minimum repetitions of `greedy`. */
  readonly least: 0 | 1
  /** Maximum repetitions of `greedy`. */
  readonly most: number
  /** The capture of `open`, `close`, `position` and `reference`. */
  readonly capture: Capture
  /** The byte codes of `balance`. */
  readonly opening: number
  readonly closing: number
  next: Item | undefined
  /**
   * Whether backtracking into this `greedy` item is pointless: the next item could not match a byte that it gives back.
   */
  keepsAll: boolean

  /** During a match: the current end of the repetition, its earliest end, and the previous choice. */
  at: number
  floor: number
  earlier: Item | undefined
}

/** Creates an item; fields missing from `parts` get neutral values. */
export function createItem(op: Op, parts: Partial<Item> = {}): Item {
  return {
    op,
    set: parts.set ?? NO_BYTE,
    literal: parts.literal ?? '',
    least: parts.least ?? 0,
    most: parts.most ?? 0,
    capture: parts.capture ?? NO_CAPTURE,
    opening: parts.opening ?? 0,
    closing: parts.closing ?? 0,
    next: undefined,
    keepsAll: false,
    at: 0,
    floor: 0,
    earlier: undefined
  }
}
