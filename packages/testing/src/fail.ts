/** A function that throws, in place of one that a caller or a plugin passes in. */
export function fail(): never {
  throw new Error('thrown on purpose')
}
