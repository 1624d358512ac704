import type { Scheme } from '@reliw/model'

/** An absolute URL, taken apart as far as a proxy needs it. */
export interface AbsoluteUrl {
  readonly scheme: Scheme
  /** In lower case, its port always with it. */
  readonly authority: string
  /** Path, query and fragment as they were written: '' or what begins with `/`, `?` or `#`. */
  readonly rest: string
}

/**
 * Backslashes, userinfo, blanks and control characters before the path are what browsers and
 * servers read differently: a URL with one of them names nothing that we know.
 */
const ABSOLUTE = /^(https?):\/\/([\w.:[\]-]+)((?:[/?#][\x20-\x7E\x80-\xFF]*)?)$/i

/** Takes an http or https URL apart (RFC 3986); undefined for any other text. */
export function parseAbsoluteUrl(text: string): AbsoluteUrl | undefined {
  const [, written = '', authority = '', rest = ''] = ABSOLUTE.exec(text) ?? []
  if (authority === '') return undefined
  const scheme = written.length === 4 ? 'http' : 'https'
  return { scheme, authority: withPort(authority, scheme), rest }
}

/** A host with or without port, in lower case, with its port. */
export function withPort(authority: string, scheme: Scheme): string {
  const hasPort = authority.includes(':', authority.lastIndexOf(']') + 1)
  const lower = authority.toLowerCase()
  return hasPort ? lower : lower + (scheme === 'http' ? ':80' : ':443')
}
