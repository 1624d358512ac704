import { type ByteSet, NO_BYTE } from './character-class.ts'

/**
 * What an item of a pattern does. `greedy` is `?`, `*` and `+`; `lazy` is `-`; `accept` comes
 * after the last item.
 */
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

/** A capture of a pattern and, while matching, where it begins and ends. */
export interface Capture {
  readonly isPosition: boolean
  start: number
  end: number
}

/** A capture that no match has set. */
export function createCapture(isPosition: boolean): Capture {
  return { isPosition, start: 0, end: 0 }
}

const NO_CAPTURE = createCapture(false)

/**
 * An item of a compiled pattern. Items are all of one shape, so that the matcher stays
 * monomorphic, and form a list: Lua's patterns have no alternation.
 */
export interface Item {
  readonly op: Op
  /** Bytes of `one`, `greedy`, `lazy` and `frontier`. */
  readonly set: ByteSet
  /** The byte that `set` holds, where it is written as just that; else empty. */
  readonly literal: string
  /** Fewest repetitions of `greedy`. */
  readonly least: 0 | 1
  /** Most repetitions of `greedy`. */
  readonly most: number
  /** What `open`, `close`, `position` and `reference` are about. */
  readonly capture: Capture
  /** Byte codes of `balance`. */
  readonly opening: number
  readonly closing: number
  next: Item | undefined
  /** Whether a `greedy` that gave a byte back could not go on, so that it never has to. */
  keepsAll: boolean

  /** While matching: where a repetition now ends, the earliest it may end, the choice before it. */
  at: number
  floor: number
  earlier: Item | undefined
}

/** An item with nothing but its `op` and what `parts` say. */
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
