import t from 'tap'
import { createGsubCase, createMatchCase } from './cases.ts'
import { compare } from './compare.ts'
import { createRandom } from './generate.ts'
import { hasInterpreter, startLua } from './lua-process.ts'
import { SEED, TEST_LENGTH } from './seed.ts'

/** Matches a run compares, with a fourth as many `gsub`: 200,000 take about five seconds. */
const PAIRS = 50_000 * TEST_LENGTH

/** Each kind of question, how it is made, and how often it is asked. */
const KINDS = [
  ['find and match', createMatchCase, PAIRS],
  ['gsub', createGsubCase, Math.ceil(PAIRS / 4)]
] as const

/** Tests that the Lua called `engine` gives our answers; skipped where it is not on the PATH. */
export function testAgreement(engine: string): void {
  const skip = hasInterpreter(engine) ? false : `${engine} is not on the PATH`
  const title = `${engine} gives the same answers (RELIW_SEED=${SEED})`
  t.test(title, { skip }, async (t) => {
    const lua = startLua(engine)
    t.teardown(() => lua.stop())
    for (const [kind, create, count] of KINDS) {
      const random = createRandom(SEED)
      // One after the other, for they share the process.
      // oxlint-disable-next-line no-await-in-loop
      const { differences, ...counts } = await compare(lua, () => create(random), count)
      t.comment(`${engine}, ${kind}: ${JSON.stringify(counts)}`)
      t.same(differences.slice(0, 5), [], kind)
      t.equal(counts.cases, count, `${kind}: ${count} cases were compared`)
      t.ok(counts.matched > count / 5, `${kind}: enough of the cases match`)
    }
  })
}
