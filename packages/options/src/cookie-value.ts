/**
 * The value of a cookie in a Cookie header, as sent; undefined when no cookie has this name. Of several with the same
 * name, the first, which is the best match (RFC 6265 5.4).
 */
export function cookieValue(header: string, name: string): string | undefined {
  for (let at = 0; at < header.length;) {
    const semicolon = header.indexOf(';', at)
    const end = semicolon === -1 ? header.length : semicolon
    while (header[at] === ' ') at++
    const value = at + name.length + 1
    if (value <= end && header[value - 1] === '=' && header.startsWith(name, at)) {
      return header.slice(value, end).trim()
    }
    at = end + 1
  }
  return undefined
}
