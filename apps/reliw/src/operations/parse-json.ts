/** The parsed value; undefined when the text is missing or is not JSON. */
export function parseJson(value: Buffer | undefined): unknown {
  try {
    return value && JSON.parse(value.toString())
  } catch {
    return undefined
  }
}
