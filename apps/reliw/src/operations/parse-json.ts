/** Undefined when it is no JSON, or not there. */
export function parseJson(value: Buffer | undefined): unknown {
  try {
    return value && JSON.parse(value.toString())
  } catch {
    return undefined
  }
}
