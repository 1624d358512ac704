/** A text as its bytes in UTF-8, one character each: that is what rules of the firewall see. */
export function toBytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** The text that such bytes are. */
export function toText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString()
}
