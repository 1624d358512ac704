/** As much of DER (ITU-T X.690) as a certificate needs: every function returns one encoded value. */

export function sequence(...values: Uint8Array[]): Buffer {
  return encode(0x30, Buffer.concat(values))
}

export function set(...values: Uint8Array[]): Buffer {
  return encode(0x31, Buffer.concat(values))
}

export function boolean(value: boolean): Buffer {
  return encode(0x01, Buffer.from([value ? 0xff : 0]))
}

/** A non-negative integer, as big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  return encode(0x02, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]))
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return encode(0x03, Buffer.concat([Buffer.of(unusedBits), bytes]))
}

export function octetString(bytes: Uint8Array): Buffer {
  return encode(0x04, bytes)
}

/** An object identifier in dotted form. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return encode(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

export function utf8String(text: string): Buffer {
  return encode(0x0c, Buffer.from(text))
}

export function generalizedTime(date: Date): Buffer {
  return encode(0x18, Buffer.from(`${date.toISOString().replace(/[-T:]|\..*/g, '')}Z`))
}

/** A value under a context-specific tag that wraps it whole (EXPLICIT). */
export function explicit(tag: number, value: Uint8Array): Buffer {
  return encode(0xa0 + tag, value)
}

/** Bytes whose own tag is replaced by a context-specific one (IMPLICIT, primitive). */
export function implicit(tag: number, bytes: Uint8Array): Buffer {
  return encode(0x80 + tag, bytes)
}

function encode(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content)]), content])
}

function lengthOf({ length }: Uint8Array): number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

function base128(value: number): number[] {
  const low = value & 0x7f
  return value < 0x80 ? [low] : [...base128(value >> 7).map((byte) => byte | 0x80), low]
}
