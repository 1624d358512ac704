import type { Live } from '@reliw/model'

/** Applies a function to a value, at once if the value is available already. */
export function andThen<A, B>(value: Live<A>, use: (value: A) => Live<B>): Live<B> {
  return value instanceof Promise ? value.then(use) : use(value)
}
