import { randomBytes } from 'node:crypto'

const FINAL_CLOSE = 0x88
const MASKED = 0x80
const STATUS_BYTES = 2

/**
 * A WebSocket close frame (RFC 6455 5.5.1).
 *
 * @param status the reason, such as 1001: going away (RFC 6455 7.4.1)
 * @param isMasked required for every frame sent to an origin (RFC 6455 5.3)
 */
export function closeFrame(status: number, isMasked: boolean): Buffer {
  const payload = Buffer.alloc(STATUS_BYTES)
  payload.writeUInt16BE(status)
  if (!isMasked) return Buffer.of(FINAL_CLOSE, STATUS_BYTES, ...payload)
  const mask = randomBytes(4)
  const masked = payload.map((byte, index) => byte ^ (mask[index] ?? 0))
  return Buffer.of(FINAL_CLOSE, MASKED | STATUS_BYTES, ...mask, ...masked)
}
