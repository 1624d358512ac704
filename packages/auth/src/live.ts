import type { Live } from '@reliw/model'

/** Goes on with a value, at once where it is at hand already. */
export function andThen<A, B>(value: Live<A>, use: (value: A) => Live<B>): Live<B> {
  return value instanceof Promise ? value.then(use) : use(value)
}
