/**
 * What is remembered of one budget. A record that is changed in place and has the same shape for every
 * algorithm, so that a table of many costs no allocation per use. All zero: it was never used.
 */
export interface Budget {
  /** sliding: when the present window began; gcra: the theoretical arrival time. Epoch milliseconds, whole. */
  at: number
  /** fixed, sliding: uses in the present window. */
  count: number
  /** sliding: uses in the window before; gcra: what `at` lacks, in milliseconds times `limit`. */
  rest: number
  /** From when on it says nothing that a new one would not. Epoch milliseconds, whole. */
  until: number
}

/** A budget that was never used. */
export function newBudget(): Budget {
  return { at: 0, count: 0, rest: 0, until: 0 }
}
