import type { ByteSet } from './character-class.ts'
import { nextLead } from './lead.ts'
import { matchItems } from './match.ts'
import type { Program } from './program.ts'

/**
 * The offset of the first match at or after `from`, or -1; `program.end` is the end of the match. Offsets skipped by
 * searching for the prefix or the first byte cost no steps: together they are a single pass over the subject.
 */
export function search(program: Program, subject: string, from: number): number {
  const { prefix, pinned, lead } = program
  if (pinned) return matchAt(program, subject, from) ? from : -1
  for (let at = from; at <= subject.length; at++) {
    if (prefix !== '') at = subject.indexOf(prefix, at)
    else if (lead !== undefined) at = nextLead(lead, subject, at)
    else at = skipTo(program.firstSet, subject, at)
    if (at < 0) return -1
    if (matchItems(program, subject, at + prefix.length)) return at
  }
  return -1
}

function matchAt(program: Program, subject: string, at: number): boolean {
  const { prefix } = program
  return subject.startsWith(prefix, at) && matchItems(program, subject, at + prefix.length)
}

/** The first offset at or after `at` whose byte is in `set`, or -1. */
function skipTo(set: ByteSet | undefined, subject: string, at: number): number {
  if (set === undefined) return at
  for (let i = at; i < subject.length; i++) if (set[subject.charCodeAt(i)] === 1) return i
  return -1
}
