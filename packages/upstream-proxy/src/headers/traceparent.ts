import { randomFillSync } from 'node:crypto'

/** Size of a trace id and a span id, in bytes. */
const BYTES = 16 + 8
/** Number of requests whose ids are generated at once: each call for random bytes is expensive. */
const AT_A_TIME = 256

/** Version, trace id, span id, flags, and what a version above 00 may add. */
const TRACEPARENT =
  /^(?!ff)([\da-f]{2})-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(-[\w.-]{0,200})?$/

/**
 * Whether a traceparent header is valid (W3C Trace Context, 3.2 and 4.3): version 00 has a fixed length, a higher
 * version may continue after another dash, and no id consists of zeros only.
 */
export function isTraceparent(value: string): boolean {
  const parts = TRACEPARENT.exec(value)
  return parts !== null && (parts[1] !== '00' || parts[2] === undefined)
}

/** The trace id of a valid traceparent: 32 hexadecimal digits, at the same position in every version. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35)
}

/** Creates a generator of traceparent headers, each of which begins a new trace. */
export function createTraceparents(): () => string {
  const block = Buffer.alloc(BYTES * AT_A_TIME)
  let ids = ''
  let at = 0

  return function newTraceparent() {
    if (at === ids.length) {
      ids = randomIds(block)
      at = 0
    }
    const trace = ids.slice(at, at + 32)
    const span = ids.slice(at + 32, at + 48)
    at += 48
    // Flag 01, "sampled": with 00, an origin whose sampler follows its parent, the usual default, would record nothing.
    // With 01 the origin applies its own rate.
    return `00-${trace}-${span}-01`
  }
}

function randomIds(block: Buffer): string {
  randomFillSync(block)
  // One bit in every eight bytes is set, so that no id is all zeros.
  for (let at = 0; at < block.length; at += 8) block[at] = (block[at] ?? 0) | 1
  return block.toString('hex')
}
