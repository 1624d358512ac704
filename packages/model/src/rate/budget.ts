/**
 * State of one budget. Records are changed in place and have the same shape for every algorithm, so that a use in a
 * large table allocates nothing. All zero: an unused budget.
 */
export interface Budget {
  /** sliding: start of the present window; gcra: theoretical arrival time. Epoch milliseconds, an integer. */
  at: number
  /** fixed, sliding: uses in the present window. */
  count: number
  /** sliding: uses in the previous window; gcra: remainder of `at`, in milliseconds times `limit`. */
  rest: number
  /** When the budget becomes equivalent to an unused one. Epoch milliseconds, an integer. */
  until: number
}

/** Creates an unused budget. */
export function newBudget(): Budget {
  return { at: 0, count: 0, rest: 0, until: 0 }
}
