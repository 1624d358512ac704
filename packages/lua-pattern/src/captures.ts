import type { Capture } from './item.ts'
import type { Program } from './program.ts'

/** A capture of the match just found: its bytes, or the 1-based position. */
export function readCapture(capture: Capture, subject: string): string | number {
  return capture.isPosition ? capture.start + 1 : subject.slice(capture.start, capture.end)
}

/** All captures of the match just found, which began at `start`; it itself where there are none. */
export function readCaptures(
  program: Program,
  subject: string,
  start: number
): (string | number)[] {
  const { captures, end } = program
  if (captures.length === 0) return [subject.slice(start, end)]
  return captures.map((capture) => readCapture(capture, subject))
}
