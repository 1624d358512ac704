const PERCENT = 0x25

/**
 * Escapes of control bytes, `.`, `/` and `\`.
 *
 * security: none of these bytes needs an escape; escaped, they hide a part of the path from checks.
 */
const FORBIDDEN_ESCAPE = /%(?:[01][0-9a-f]|7f|2[ef]|5c)/i

/**
 * Decodes the percent-escapes of a path once (RFC 3986, section 2.1). Returns undefined when an escape is invalid or
 * forbidden, when the bytes are not UTF-8, or when decoding the result again, any number of times, would yield a
 * forbidden byte.
 */
export function decodeEscapes(path: string): string | undefined {
  if (FORBIDDEN_ESCAPE.test(path)) return undefined
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return undefined
  }
  return decoded.includes('%') && hidesForbidden(decoded) ? undefined : decoded
}

/**
 * Whether any number of further decodings yields a forbidden byte. Each escape is decoded as soon as it is complete,
 * and the decoded byte may complete another escape: as escapes cannot overlap, a single pass gives the same result as
 * decoding the whole text repeatedly.
 */
function hidesForbidden(text: string): boolean {
  const stack = new Uint16Array(text.length)
  let top = 0
  for (let i = 0; i < text.length; i++) {
    stack[top++] = text.charCodeAt(i)
    while (top > 2 && stack[top - 3] === PERCENT) {
      const byte = hexDigit(stack[top - 2]) * 16 + hexDigit(stack[top - 1])
      if (Number.isNaN(byte)) break
      if (isForbidden(byte)) return true
      top -= 3
      stack[top++] = byte
    }
  }
  return false
}

/** The value of a hexadecimal digit; NaN for any other character. */
function hexDigit(code = 0): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN
}

function isForbidden(byte: number): boolean {
  return byte < 0x20 || byte === 0x7f || byte === 0x2e || byte === 0x2f || byte === 0x5c
}
