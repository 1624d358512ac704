import { decodeEscapes } from './decode-escapes.ts'

// Kinds of characters in a request target; 0 for a character that must not occur at all: control bytes, space, `#`, and
// everything outside ASCII (RFC 9112, section 3.2; RFC 3986, appendix A).
const PLAIN = 1
const DOT = 2
const PERCENT = 3
const QUESTION = 4
const BACKSLASH = 5
const CHARACTERS = new Uint8Array(128).fill(PLAIN, 0x21, 0x7f)
CHARACTERS[0x23] = 0
CHARACTERS[0x25] = PERCENT
CHARACTERS[0x2e] = DOT
CHARACTERS[0x3f] = QUESTION
CHARACTERS[0x5c] = BACKSLASH

/** A segment `..`, also with path parameters, which some servers cut off before they resolve it. */
const PARENT = /\/\.\.(?:[/;]|$)/
/** Empty segments and segments `.`, which path lookups ignore. */
const NOTHING = /\/(?:\.?\/)+(?:\.$)?|\/\.$/g

/**
 * The decoded path of a request target in origin form (RFC 9112, section 3.2.1), or undefined when two programs could
 * interpret the path differently: no leading slash, a control byte, a backslash or non-ASCII byte, a `#`, an invalid
 * escape, bytes that are not UTF-8, `.` `/` `\` or a control byte escaped any number of times, or a segment `..` or
 * `.;`. In the query string, only the bytes are checked. Never throws; takes time linear in the length.
 *
 * security: empty segments and segments `.` are removed. File systems and most upstreams treat `//a` and `/./a` as
 * `/a`, so a rule that protects `/a` must see `/a`.
 */
export function checkPath(target: string): string | undefined {
  if (target.charCodeAt(0) !== 0x2f) return undefined
  let hasDots = false
  let hasEscapes = false
  let previous = 0
  let end = 1
  for (; end < target.length; end++) {
    const kind = CHARACTERS[target.charCodeAt(end)] ?? 0
    if (kind !== PLAIN) {
      if (kind === QUESTION) break
      if (kind === 0 || kind === BACKSLASH) return undefined
      if (kind === PERCENT) hasEscapes = true
      else if (previous === DOT) hasDots = true
    }
    previous = kind
  }
  for (let i = end + 1; i < target.length; i++) {
    if (!CHARACTERS[target.charCodeAt(i)]) return undefined
  }

  const path = end === target.length ? target : target.slice(0, end)
  const decoded = hasEscapes ? decodeEscapes(path) : path
  if (decoded === undefined || (hasDots && PARENT.test(decoded))) return undefined
  const hasNothing = decoded.includes('//') || decoded.includes('/./') || decoded.endsWith('/.')
  if (decoded.includes('/.;')) return undefined
  return hasNothing ? decoded.replaceAll(NOTHING, '/') : decoded
}
