// What programs show of themselves.

/** The header of Basic credentials (RFC 7617), in UTF-8. */
export function basic(name: string, password: string): Record<string, string> {
  const encoded = Buffer.from(`${name}:${password}`).toString('base64')
  return { authorization: `Basic ${encoded}` }
}
