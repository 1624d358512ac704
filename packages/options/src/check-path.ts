import { decodeEscapes } from './decode-escapes.ts'

// What a character of a request target is; 0 for what may not stand in one at all: control bytes,
// space, `#`, and everything outside ASCII (RFC 9112, section 3.2; RFC 3986, appendix A).
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

/** A segment `..`, also with the parameters that some servers cut off before they look at it. */
const PARENT = /\/\.\.(?:[/;]|$)/
/** Empty segments, and segments `.`: nothing to those who look a path up. */
const NOTHING = /\/(?:\.?\/)+(?:\.$)?|\/\.$/g

/**
 * The decoded path of a request target in origin form (RFC 9112, section 3.2.1), or undefined when
 * it is anything that two programs could read differently: no leading slash, a control byte,
 * backslash or non-ASCII byte, a `#`, a bad escape, bytes that are not UTF-8, `.` `/` `\` or a control
 * byte escaped any number of times, or a segment `..` or `.;`. Of the query string only the bytes are
 * checked. Empty segments and segments `.` are left out: file systems and most servers behind a proxy
 * take `//a` and `/./a` for `/a`, so whatever guards `/a` has to see that. Never throws; takes time
 * linear in the length.
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
