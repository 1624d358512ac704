/**
 * The UTF-8 bytes of `text` as a byte string: one character from U+0000 to U+00FF for each byte.
 * ASCII text is returned as it is, without a copy; a lone surrogate becomes the bytes of U+FFFD.
 */
export function toByteString(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

/**
 * The text whose UTF-8 bytes are `bytes`, a byte string. What is not UTF-8 becomes U+FFFD, so a
 * match that cut a character in two does not survive the way back.
 */
export function fromByteString(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Every other character takes more UTF-8 bytes than the string has code units for it. */
function isAscii(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') === text.length
}
