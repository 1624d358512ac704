import type { Capture } from './item.ts'
import type { Program } from './program.ts'

/** A capture of the latest match: its bytes, or its 1-based position. */
export function readCapture(capture: Capture, subject: string): string | number {
  return capture.isPosition ? capture.start + 1 : subject.slice(capture.start, capture.end)
}

/** All captures of the latest match, which began at `start`; the whole match if the pattern has no captures. */
export function readCaptures(
  program: Program,
  subject: string,
  start: number
): (string | number)[] {
  const { captures, end } = program
  if (captures.length === 0) return [subject.slice(start, end)]
  return captures.map((capture) => readCapture(capture, subject))
}
