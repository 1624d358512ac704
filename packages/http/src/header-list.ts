/** Whether a name or token equals `lower`, ignoring case. */
export function isNamed(text: string, lower: string): boolean {
  return text === lower || (text.length === lower.length && text.toLowerCase() === lower)
}

/**
 * A name as CGI, WSGI and PHP origins see it. security: they map dashes, underscores and every other character except
 * letters and digits to the same character.
 *
 * @param lower a name in lower case
 * @returns the name with all of these characters as dashes; the same string if it has no others
 */
export function withDashes(lower: string): string {
  return ODD.test(lower) ? lower.replaceAll(EVERY_ODD, '-') : lower
}

const ODD = /[^a-z0-9-]/
const EVERY_ODD = /[^a-z0-9-]/g

/** The value of the first header with the given lower-case name in a list of name, value, name, value, … */
export function valueOf(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    if (isNamed(headers[at] ?? '', name)) return headers[at + 1]
  }
  return undefined
}
