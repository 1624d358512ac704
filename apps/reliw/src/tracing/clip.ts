/** Longest value chosen by a client, in characters. */
const MAX = 256

/** Cuts a value for use in a span; the result is well-formed Unicode if it was cut. */
export function clip(value: string): string {
  return value.length > MAX ? `${value.slice(0, MAX).toWellFormed()}…` : value
}
