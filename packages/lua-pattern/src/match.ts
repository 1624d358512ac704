import type { ByteSet } from './character-class.ts'
import { LuaPatternBudgetError } from './errors.ts'
import type { Capture, Item } from './item.ts'
import type { Program } from './program.ts'

/**
 * Whether the items of `program` match at offset `at` of `subject`; `program.end` is then the end of the match. Stack
 * and memory do not grow with the subject: a pattern has no nested repetition, so each item is among the open choices
 * at most once and holds its own state. Captures need no undoing, because matching onwards from a choice sets all
 * captures after it again.
 */
export function matchItems(program: Program, subject: string, at: number): boolean {
  let item: Item | undefined = program.first
  let here = at
  program.choice = undefined
  while (item !== undefined) {
    if (item.op === 'accept') {
      program.end = here
      return true
    }
    here = passItem(program, item, subject, here)
    if (here < 0) {
      item = reviseChoice(program, subject)
      if (item === undefined) return false
      here = item.at
    }
    item = item.next
  }
  return false
}

/** The end of `item` if it matches at offset `at`, or -1. */
function passItem(program: Program, item: Item, subject: string, at: number): number {
  spend(program, 1)
  switch (item.op) {
    case 'one':
      return at < subject.length && item.set[subject.charCodeAt(at)] === 1 ? at + 1 : -1
    case 'greedy':
      return passGreedy(program, item, subject, at)
    case 'lazy':
      return pushChoice(program, item, at)
    case 'open':
    case 'position':
      item.capture.start = at
      return at
    case 'close':
      item.capture.end = at
      return at
    case 'reference':
      return passReference(program, item.capture, subject, at)
    case 'balance':
      return passBalance(program, item, subject, at)
    case 'frontier':
      return isFrontier(item.set, subject, at) ? at : -1
    case 'finish':
    case 'accept':
      break
  }
  return at === subject.length ? at : -1
}

/** Moves the latest choice that has another length to that length; the returned item ends at its `at`. */
function reviseChoice(program: Program, subject: string): Item | undefined {
  for (let item = program.choice; item !== undefined; item = item.earlier) {
    spend(program, 1)
    if (item.op === 'greedy') {
      if (item.at <= item.floor) continue
      item.at--
    } else {
      if (item.at >= subject.length || item.set[subject.charCodeAt(item.at)] !== 1) continue
      item.at++
    }
    program.choice = item
    return item
  }
  return undefined
}

function passGreedy(program: Program, item: Item, subject: string, at: number): number {
  const { set } = item
  const most = Math.min(subject.length, at + item.most)
  let end = at
  while (end < most && set[subject.charCodeAt(end)] === 1) end++
  spend(program, end - at)
  item.floor = at + item.least
  if (end < item.floor) return -1
  if (end === item.floor || item.keepsAll) return end
  return pushChoice(program, item, end)
}

function passReference(program: Program, capture: Capture, subject: string, at: number): number {
  const { start } = capture
  const length = capture.end - start
  if (length > subject.length - at) return -1
  spend(program, length)
  for (let i = 0; i < length; i++) {
    if (subject.charCodeAt(start + i) !== subject.charCodeAt(at + i)) return -1
  }
  return at + length
}

function passBalance(program: Program, item: Item, subject: string, at: number): number {
  if (subject.charCodeAt(at) !== item.opening) return -1
  let depth = 1
  for (let i = at + 1; i < subject.length; i++) {
    spend(program, 1)
    const byte = subject.charCodeAt(i)
    // The closing byte is checked first, which matters where both are the same.
    if (byte === item.closing) {
      if (--depth === 0) return i + 1
    } else if (byte === item.opening) depth++
  }
  return -1
}

/** A frontier treats the positions before the first byte and after the last as `\0`. */
function isFrontier(set: ByteSet, subject: string, at: number): boolean {
  const before = at === 0 ? 0 : subject.charCodeAt(at - 1)
  const after = at === subject.length ? 0 : subject.charCodeAt(at)
  return set[before] !== 1 && set[after] === 1
}

function pushChoice(program: Program, item: Item, at: number): number {
  item.at = at
  item.earlier = program.choice
  program.choice = item
  return at
}

function spend(program: Program, steps: number): void {
  program.steps -= steps
  if (program.steps < 0) throw new LuaPatternBudgetError(program.source, program.budget)
}
