/** The bytes that match a single-character item: 1 at the index of each of them, of 256. */
export type ByteSet = Uint8Array

/** The bytes of `.`: all bytes. */
export const ANY_BYTE: ByteSet = new Uint8Array(256).fill(1)

/** The empty set. */
export const NO_BYTE: ByteSet = new Uint8Array(256)

/** The character classes of the C locale, as inclusive ranges of bytes. */
const RANGES: Record<string, readonly (readonly [number, number])[]> = {
  a: ranges('AZ', 'az'),
  c: ranges('\x00\x1f', '\x7f\x7f'),
  d: ranges('09'),
  l: ranges('az'),
  p: ranges('!/', ':@', '[`', '{~'),
  s: ranges('\t\r', '  '),
  u: ranges('AZ'),
  w: ranges('09', 'AZ', 'az'),
  x: ranges('09', 'AF', 'af'),
  z: ranges('\0\0')
}

const classes = new Map<string, ByteSet>()
const literals = new Map<string, ByteSet>()

/** The set of a single byte; the same object for each call. */
export function literalSet(byte: string): ByteSet {
  return remember(literals, byte, (set) => addRange(set, byte, byte))
}

/**
 * The set of `%` followed by `letter`: a class, the complement of a class for a capital, or the byte itself for any
 * other character, as in Lua 5.1 (where `%g` is the letter g). The same object for each call.
 */
export function classSet(letter: string): ByteSet {
  return remember(classes, letter, (set) => addClass(set, letter))
}

/** Whether `%` and `letter` denote a class rather than the byte itself. */
export function isClass(letter: string): boolean {
  return Object.hasOwn(RANGES, letter.toLowerCase())
}

/** Adds the bytes of `classSet(letter)` to `set`. */
export function addClass(set: ByteSet, letter: string): void {
  const bounds = isClass(letter) ? RANGES[letter.toLowerCase()] : undefined
  if (bounds === undefined) return addRange(set, letter, letter)
  const complement = letter !== letter.toLowerCase()
  for (let byte = 0; byte < 256; byte++) {
    const inside = bounds.some(([low, high]) => low <= byte && byte <= high)
    if (inside !== complement) set[byte] = 1
  }
}

/** Adds the bytes from `low` to `high`, both included, to `set`; none when they are reversed. */
export function addRange(set: ByteSet, low: string, high: string): void {
  set.fill(1, low.charCodeAt(0), Math.max(low.charCodeAt(0), high.charCodeAt(0) + 1))
}

function remember(
  known: Map<string, ByteSet>,
  name: string,
  fill: (set: ByteSet) => void
): ByteSet {
  const old = known.get(name)
  if (old !== undefined) return old
  const set = new Uint8Array(256)
  fill(set)
  known.set(name, set)
  return set
}

function ranges(...pairs: string[]): (readonly [number, number])[] {
  return pairs.map((pair) => [pair.charCodeAt(0), pair.charCodeAt(1)] as const)
}
