/** Whether a name or token equals `lower`, ignoring case. */
export function isNamed(text: string, lower: string): boolean {
  return text === lower || (text.length === lower.length && text.toLowerCase() === lower)
}

/** The value of the first header with the given lower-case name in a list of name, value, name, value, … */
export function valueOf(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    if (isNamed(headers[at] ?? '', name)) return headers[at + 1]
  }
  return undefined
}
