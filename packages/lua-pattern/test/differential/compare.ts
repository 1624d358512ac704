import type { LuaPatternError } from '../../src/index.ts'
import { askWhetherMalformed, type Case } from './cases.ts'
import type { LuaProcess } from './lua-process.ts'

/** Cases held in memory at once. */
const CHUNK = 10_000

/** What came out of a comparison. */
export interface Tally {
  cases: number
  matched: number
  errors: number
  /** Malformed patterns that C Lua did not read far enough to refuse. */
  late: number
  /** What was asked, their answer and ours, where these differ. */
  differences: string[]
}

/** Asks `lua` what `create` makes, `count` times, and compares its answers with ours. */
export async function compare(lua: LuaProcess, create: () => Case, count: number): Promise<Tally> {
  const tally: Tally = { cases: 0, matched: 0, errors: 0, late: 0, differences: [] }
  while (tally.cases < count) {
    const length = Math.min(CHUNK, count - tally.cases)
    // oxlint-disable-next-line no-await-in-loop
    await compareChunk(lua, Array.from({ length }, create), tally)
  }
  return tally
}

async function compareChunk(lua: LuaProcess, cases: Case[], tally: Tally): Promise<void> {
  const answers = await lua.ask(cases.map(({ question }) => question))
  const late: { title: string; error: LuaPatternError }[] = []
  for (const [i, { title, answer }] of cases.entries()) {
    const theirs = answers[i] ?? ''
    tally.cases++
    if (theirs.endsWith('error')) tally.errors++
    else if (!/^nil|,0$/.test(theirs)) tally.matched++

    if (typeof answer === 'string') {
      if (theirs !== answer) tally.differences.push(`${title}: ${theirs}, but ours ${answer}`)
    } else if (!theirs.endsWith('error')) late.push({ title, error: answer })
  }

  const confirmed = await lua.ask(late.map(({ error }) => askWhetherMalformed(error)))
  tally.late += late.length
  for (const [i, { title, error }] of late.entries()) {
    if (confirmed[i]?.endsWith('error') === true) continue
    tally.differences.push(`${title}: accepted, but ours ${error.message}`)
  }
}
