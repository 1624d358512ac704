/** The most characters that a span has of a value that clients choose. */
const MAX = 256

/** A value as spans may have it: not long, and text that every receiver can read. */
export function clip(value: string): string {
  return value.length > MAX ? `${value.slice(0, MAX).toWellFormed()}…` : value
}
