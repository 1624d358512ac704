/**
 * The values of a header, in the order received.
 *
 * @param rawHeaders name, value, name, value, …
 * @param name in lower case
 */
export function headerValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === name) values.push(rawHeaders[at + 1] ?? '')
  }
  return values
}

/** Decodes a header's bytes, as Node reads them, from UTF-8; undefined if they are not valid UTF-8. */
export function decodeUtf8(latin1: string): string | undefined {
  try {
    return decoder.decode(Buffer.from(latin1, 'latin1'))
  } catch {
    return undefined
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
