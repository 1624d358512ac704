/**
 * Adds this proxy to Via (RFC 9110 7.6.3).
 *
 * @param via the message's Via headers joined by commas; undefined for none
 * @param httpVersion the version of the received message, e.g. `1.1`
 * @param pseudonym this proxy's name: a token that stays the same while the process runs
 */
export function appendVia(via: string | undefined, httpVersion: string, pseudonym: string): string {
  return via ? `${via}, ${httpVersion} ${pseudonym}` : `${httpVersion} ${pseudonym}`
}

/**
 * Whether a request has passed through this proxy before, by its Via headers.
 *
 * @param rawHeaders name, value, name, value, …
 * @param pseudonym the one given to {@link appendVia}
 */
export function loops(rawHeaders: readonly string[], pseudonym: string): boolean {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length !== 3 || name.toLowerCase() !== 'via') continue
    if (names(rawHeaders[at + 1] ?? '', pseudonym)) return true
  }
  return false
}

function names(via: string, pseudonym: string): boolean {
  for (let at = via.indexOf(pseudonym); at !== -1; at = via.indexOf(pseudonym, at + 1)) {
    if (isDelimiter(via[at - 1]) && isDelimiter(via[at + pseudonym.length])) return true
  }
  return false
}

function isDelimiter(character: string | undefined): boolean {
  return character === undefined || character === ' ' || character === '\t' || character === ','
}
