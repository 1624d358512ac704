import { randomInt } from 'node:crypto'
import t from 'tap'
import type { LuaPatternError } from '../src/index.ts'
import {
  askWhetherMalformed,
  type Case,
  createGsubCase,
  createMatchCase
} from './differential/cases.ts'
import { createRandom, type Random } from './differential/generate.ts'
import { hasInterpreter, type LuaProcess, startLua } from './differential/lua-process.ts'

const SEED = Number(process.env['RELIW_SEED'] ?? randomInt(2 ** 32))
const PAIRS = Number(process.env['RELIW_PAIRS'] ?? 20_000)
const CHUNK = 10_000

interface Tally {
  cases: number
  matched: number
  errors: number
  /** Malformed patterns that C Lua did not read far enough to refuse. */
  late: number
  differences: string[]
}

for (const engine of ['lua5.1', 'luajit']) {
  const skip = hasInterpreter(engine) ? false : `${engine} is not on the PATH`
  t.test(`${engine} gives the same answers`, { skip, timeout: 600_000 }, async (t) => {
    const lua = startLua(engine)
    t.teardown(() => lua.stop())
    for (const [title, create, count] of [
      ['find and match', createMatchCase, PAIRS],
      ['gsub', createGsubCase, Math.ceil(PAIRS / 4)]
    ] as const) {
      // One after the other, for they share the process.
      // oxlint-disable-next-line no-await-in-loop
      const { differences, ...counts } = await compare(lua, create, count)
      t.comment(`${engine}, ${title}: ${JSON.stringify(counts)}`)
      t.same(differences.slice(0, 5), [], `${title} (RELIW_SEED=${SEED})`)
      t.ok(counts.matched > count / 5, `${title}: enough of the cases match`)
    }
  })
}

async function compare(
  lua: LuaProcess,
  create: (random: Random) => Case,
  count: number
): Promise<Tally> {
  const random = createRandom(SEED)
  const tally: Tally = { cases: 0, matched: 0, errors: 0, late: 0, differences: [] }
  while (tally.cases < count) {
    const length = Math.min(CHUNK, count - tally.cases)
    const cases = Array.from({ length }, () => create(random))
    // oxlint-disable-next-line no-await-in-loop
    await compareChunk(lua, cases, tally)
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
