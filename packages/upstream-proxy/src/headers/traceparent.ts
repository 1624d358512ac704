import { randomFillSync } from 'node:crypto'

/** A trace id and a span id. */
const BYTES = 16 + 8
/** Ids for as many requests are made at a time: asking for randomness is what takes the time. */
const AT_A_TIME = 256

/** Version, trace id, span id, flags; what a higher version than 00 may add. */
const TRACEPARENT =
  /^(?!ff)([\da-f]{2})-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(-[\w.-]{0,200})?$/

/**
 * Whether a traceparent header is valid (W3C Trace Context, 3.2 and 4.3): version 00 exactly as
 * long as it is, a higher one with more after another dash, no id of zeros alone.
 */
export function isTraceparent(value: string): boolean {
  const parts = TRACEPARENT.exec(value)
  return parts !== null && (parts[1] !== '00' || parts[2] === undefined)
}

/** The trace id of a valid traceparent: 32 hexadecimal digits, at the same place in every version. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35)
}

/** A source of traceparent headers, each the beginning of a trace of its own. */
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
    // "Sampled": with 00 an origin whose sampler follows its parent, as most do by default, would
    // record nothing at all. With 01 it decides by its own rate.
    return `00-${trace}-${span}-01`
  }
}

function randomIds(block: Buffer): string {
  randomFillSync(block)
  // One bit in every eight bytes is set, so that no id is all zeros.
  for (let at = 0; at < block.length; at += 8) block[at] = (block[at] ?? 0) | 1
  return block.toString('hex')
}
