import { isIPv4 } from 'node:net'
import { parseIPv6 } from './address.ts'

const LONGEST_NAME = 253
const LONGEST_LABEL = 63
const DASH = 0x2d
const DOT = 0x2e
const COLON = 0x3a

// Kinds of characters in a DNS label; 0 for a character that must not occur in one.
const LOWER = 1
const DIGIT = 2
const UPPER = 3
const CHARACTERS = new Uint8Array(128)
for (const character of 'abcdefghijklmnopqrstuvwxyz_-') set(character, LOWER)
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') set(character, UPPER)
for (const character of '0123456789') set(character, DIGIT)

/**
 * The host that a Host header or `:authority` names (RFC 9110, section 7.2), without its port: a lower-case DNS name
 * without trailing dot, an IPv4 address, or an IPv6 address by RFC 5952 without brackets.
 *
 * Labels may contain underscores. A name whose last label is a number must be an IPv4 address, since URL parsers read
 * it as one. A port is 1–65535, or empty. Returns undefined for anything else; never throws.
 */
export function normalizeHost(header: string): string | undefined {
  if (header.charCodeAt(0) === 0x5b) return normalizeIPv6(header)
  let isLower = true
  let isNumber = true
  let labelStart = 0
  let end = 0
  for (; end < header.length; end++) {
    const code = header.charCodeAt(end)
    if (code === COLON) break
    if (code === DOT) {
      if (!isLabel(header, labelStart, end)) return undefined
      labelStart = end + 1
      if (labelStart < header.length && header.charCodeAt(labelStart) !== COLON) isNumber = true
      continue
    }
    const kind = CHARACTERS[code] ?? 0
    if (kind === 0) return undefined
    if (kind !== DIGIT) isNumber = false
    if (kind === UPPER) isLower = false
  }
  if (end < header.length && !isPort(header, end)) return undefined
  if (isNumber) return normalizeIPv4(header, end)

  const hasTrailingDot = labelStart === end
  if (!hasTrailingDot && !isLabel(header, labelStart, end)) return undefined
  const length = hasTrailingDot ? end - 1 : end
  if (length > LONGEST_NAME) return undefined
  const name = length === header.length ? header : header.slice(0, length)
  return isLower ? name : name.toLowerCase()
}

function set(character: string, kind: number): void {
  CHARACTERS[character.charCodeAt(0)] = kind
}

function isLabel(header: string, start: number, end: number): boolean {
  const length = end - start
  if (length < 1 || length > LONGEST_LABEL) return false
  return header.charCodeAt(start) !== DASH && header.charCodeAt(end - 1) !== DASH
}

/** Whether the rest of a header, from the colon on, is a port, which may be empty (RFC 3986 3.2.3). */
function isPort(header: string, colon: number): boolean {
  const digits = header.length - colon - 1
  if (digits === 0) return true
  if (digits > 5) return false
  let port = 0
  for (let i = colon + 1; i < header.length; i++) {
    const digit = header.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return false
    port = port * 10 + digit
  }
  return port >= 1 && port <= 65_535
}

function normalizeIPv4(header: string, end: number): string | undefined {
  const address = end === header.length ? header : header.slice(0, end)
  return isIPv4(address) ? address : undefined
}

function normalizeIPv6(header: string): string | undefined {
  const close = header.indexOf(']')
  if (close === -1) return undefined
  const after = close + 1
  if (after < header.length && header.charCodeAt(after) !== COLON) return undefined
  if (after < header.length && !isPort(header, after)) return undefined
  return parseIPv6(header.slice(1, close))?.toRFC5952String()
}
