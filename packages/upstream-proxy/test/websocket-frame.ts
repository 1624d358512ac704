/** What a frame is to be like. */
export interface FrameShape {
  /** Default 2: binary. */
  opcode?: number
  /** Default true. */
  isFinal?: boolean
  /** Of the payload, in bytes. */
  length: number
  /** What the payload consists of, before it is masked. Default 0x61. */
  fill?: number
  /** Default false. */
  isMasked?: boolean
}

const MASK = Buffer.of(1, 2, 3, 4)

/** A WebSocket frame (RFC 6455 5.2). */
export function frame(shape: FrameShape): Buffer {
  const { opcode = 2, isFinal = true, length, fill = 0x61, isMasked = false } = shape
  const payload = Buffer.alloc(length, fill)
  const size = sizeOf(length)
  if (!isMasked) return Buffer.concat([firstByte(opcode, isFinal), size, payload])
  size[0] = (size[0] ?? 0) | 0x80
  const masked = payload.map((byte, index) => byte ^ (MASK[index % 4] ?? 0))
  return Buffer.concat([firstByte(opcode, isFinal), size, MASK, masked])
}

function firstByte(opcode: number, isFinal: boolean): Buffer {
  return Buffer.of((isFinal ? 0x80 : 0) | opcode)
}

function sizeOf(length: number): Buffer {
  if (length < 126) return Buffer.of(length)
  const size = Buffer.alloc(length < 65_536 ? 3 : 9)
  size[0] = length < 65_536 ? 126 : 127
  size.writeUIntBE(length, size.length === 3 ? 1 : 3, size.length === 3 ? 2 : 6)
  return size
}
