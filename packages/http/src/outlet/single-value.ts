/**
 * Whether Node's HTTP/2 refused several fields of a name for which it allows one. A single field with the values in a
 * list means the same (RFC 9110 5.3).
 */
export function isRepeated(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_HTTP2_HEADER_SINGLE_VALUE'
}

/** Joins several values to one, except those of Set-Cookie, which must not become a list. */
export function joined(name: string, values: readonly string[]): string | readonly string[] {
  return name === 'set-cookie' ? values : values.join(', ')
}
