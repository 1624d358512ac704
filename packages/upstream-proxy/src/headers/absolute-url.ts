import type { Scheme } from '@reliw/model'

/** The parts of an absolute URL that a proxy needs. */
export interface AbsoluteUrl {
  readonly scheme: Scheme
  /** Host and port in lower case; the port is always present. */
  readonly authority: string
  /** Path, query and fragment as written: '', or a string that begins with `/`, `?` or `#`. */
  readonly rest: string
}

/**
 * security: browsers and servers disagree about backslashes, userinfo, blanks and control characters before the path,
 * so a URL with any of them does not match.
 */
const ABSOLUTE = /^(https?):\/\/([\w.:[\]-]+)((?:[/?#][\x20-\x7E\x80-\xFF]*)?)$/i

/** Parses an http or https URL (RFC 3986); undefined for any other text. */
export function parseAbsoluteUrl(text: string): AbsoluteUrl | undefined {
  const [, written = '', authority = '', rest = ''] = ABSOLUTE.exec(text) ?? []
  if (authority === '') return undefined
  const scheme = written.length === 4 ? 'http' : 'https'
  return { scheme, authority: withPort(authority, scheme), rest }
}

/** Converts a host with an optional port to lower case, and adds the default port of the scheme if there is none. */
export function withPort(authority: string, scheme: Scheme): string {
  const hasPort = authority.includes(':', authority.lastIndexOf(']') + 1)
  const lower = authority.toLowerCase()
  return hasPort ? lower : lower + (scheme === 'http' ? ':80' : ':443')
}
