/** A text as its UTF-8 bytes, one character per byte, as firewall rules see it. */
export function toBytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** The text of such bytes. */
export function toText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString()
}
