/**
 * The UTF-8 bytes of `text` as a byte string: one character from U+0000 to U+00FF for each byte. ASCII text is returned
 * unchanged, without a copy; a lone surrogate becomes the bytes of U+FFFD.
 */
export function toByteString(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

/**
 * The text whose UTF-8 bytes are `bytes`, a byte string. Invalid UTF-8 becomes U+FFFD, so a match that splits a
 * character cannot be converted back.
 */
export function fromByteString(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Only ASCII characters take as many UTF-8 bytes as code units; all others take more bytes. */
function isAscii(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') === text.length
}
