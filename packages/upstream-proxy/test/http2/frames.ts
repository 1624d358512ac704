import type { Duplex } from 'node:stream'

/** Frame types and flags (RFC 9113 6). */
export const DATA = 0
export const HEADERS = 1
export const RST_STREAM = 3
export const SETTINGS = 4
export const PUSH_PROMISE = 5
export const GOAWAY = 7
export const WINDOW_UPDATE = 8
export const CONTINUATION = 9
export const END_STREAM = 1
export const ACK = 1
export const END_HEADERS = 4

export interface Frame {
  type: number
  flags: number
  stream: number
  payload: Buffer
}

const PREFACE = 24
const FRAME_HEAD = 9
const MAX_FRAME = 16_384

/** A frame as it is sent (RFC 9113 4.1). */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.of()
): Buffer {
  const head = Buffer.alloc(FRAME_HEAD)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** HEADERS of any size on a stream, with what they need of CONTINUATION (RFC 9113 6.10). */
export function headers(
  stream: number,
  fields: Readonly<Record<string, string>>,
  flags = 0
): Buffer {
  const whole = block(fields)
  const parts: Buffer[] = []
  for (let at = 0; at === 0 || at < whole.length; at += MAX_FRAME) {
    const isLast = at + MAX_FRAME >= whole.length
    const ownFlags = (at === 0 ? flags : 0) | (isLast ? END_HEADERS : 0)
    const type = at === 0 ? HEADERS : CONTINUATION
    parts.push(frame(type, ownFlags, stream, whole.subarray(at, at + MAX_FRAME)))
  }
  return Buffer.concat(parts)
}

/** Fields, each literal and never indexed (RFC 7541 6.2.3): a header block without state. */
export function block(fields: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(fields).map(([name, value]) =>
    Buffer.concat([Buffer.of(0x10), text(name), text(value)])
  )
  return Buffer.concat(parts)
}

/** One or more numbers of 32 bits. */
export function words(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length)
  for (const [at, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * at)
  return bytes
}

/** Keeps the frames that a client sends after its preface. */
export function readFrames(socket: Duplex): readonly Frame[] {
  const frames: Frame[] = []
  let input: Buffer = Buffer.of()
  let skip = PREFACE
  socket.on('data', (chunk: Buffer) => {
    input = Buffer.concat([input, chunk])
    if (input.length < skip) return
    input = input.subarray(skip)
    skip = 0
    while (input.length >= FRAME_HEAD) {
      const end = FRAME_HEAD + input.readUIntBE(0, 3)
      if (input.length < end) return
      const stream = input.readUInt32BE(5)
      const payload = input.subarray(FRAME_HEAD, end)
      frames.push({ type: input[3] ?? 0, flags: input[4] ?? 0, stream, payload })
      input = input.subarray(end)
    }
  })
  return frames
}

/** A string literal, its length in a prefix of 7 bits (RFC 7541 5.1, 5.2). */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes])
  const length = [127]
  let rest = bytes.length - 127
  for (; rest > 127; rest >>= 7) length.push((rest & 127) | 128)
  return Buffer.concat([Buffer.of(...length, rest), bytes])
}
