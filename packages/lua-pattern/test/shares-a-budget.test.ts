import t from 'tap'
import { compilePattern, LuaPatternBudgetError, LuaPatternError } from '../src/index.ts'
import {
  createRandom,
  generatePattern,
  generateSubject,
  type Random
} from './differential/generate.ts'
import { SEED, TEST_LENGTH } from './differential/seed.ts'

const CASES = 10_000 * TEST_LENGTH

/** More than nearly every case needs, so that some show what happens beyond it. */
const PLENTY = 2000

/** A call of `test`, and what it came to where it had `PLENTY` of steps. */
interface Call {
  readonly pattern: string
  readonly subject: string
  /** Undefined where it needed more. */
  readonly found: boolean | undefined
  /** Steps it took off the budget. */
  readonly steps: number
}

const calls = createCalls(CASES)

t.test(`a budget decides as a step limit does (RELIW_SEED=${SEED})`, async (t) => {
  const wrong: string[] = []
  for (const call of calls) {
    if (limited(call, PLENTY) !== call.found) wrong.push(describe(call, 'with plenty'))
    if (call.found === undefined) continue
    if (limited(call, Math.max(call.steps, 1)) !== call.found) wrong.push(describe(call, 'enough'))
    if (call.steps > 1 && limited(call, call.steps - 1) !== undefined) {
      wrong.push(describe(call, 'one too few'))
    }
  }
  t.same(wrong.slice(0, 5), [])
  t.ok(countFound(true) > CASES / 10, 'enough of the cases match')
  t.ok(countFound(false) > CASES / 10, 'enough do not')
  t.ok(countFound(undefined) > CASES / 1000, 'enough need more than plenty')
})

t.test(`a budget is used up at the exact step (RELIW_SEED=${SEED})`, async (t) => {
  const wrong: string[] = []
  for (const call of calls) {
    if (call.found === undefined) continue
    const exact = { left: call.steps }
    if (budgeted(call, exact) !== call.found || exact.left !== 0) {
      wrong.push(describe(call, `left ${exact.left} of just enough`))
    }
    const short = { left: call.steps - 1 }
    // What needs no step cannot have one too few.
    if (call.steps === 0) continue
    if (budgeted(call, short) !== undefined || !isUsedUp(short.left, call.subject)) {
      wrong.push(describe(call, `left ${short.left} of one too few`))
    }
  }
  t.same(wrong.slice(0, 5), [])
})

t.test(`calls that share a budget take the sum of their steps (RELIW_SEED=${SEED})`, async (t) => {
  const affordable = calls.filter(({ found }) => found !== undefined)
  const sum = affordable.reduce((steps, call) => steps + call.steps, 0)
  const answers = (budget: { left: number }): (boolean | undefined)[] =>
    affordable.map((call) => budgeted(call, budget))
  const expected = affordable.map(({ found }) => found)

  const exact = { left: sum }
  t.equal(firstDifference(answers(exact), expected), -1)
  t.equal(exact.left, 0)

  const ample = { left: sum + 7 }
  t.equal(firstDifference(answers(ample), expected), -1)
  t.equal(ample.left, 7)

  const last = affordable.findLastIndex(({ steps }) => steps > 0)
  t.equal(firstDifference(answers({ left: sum - 1 }), expected), last, 'the last to need one fails')
})

t.test('a call that fails leaves nothing for those after it', async (t) => {
  const budget = { left: 10 }
  const expensive = compilePattern('a-b')
  t.throws(() => expensive.test('aaaaaaaa', budget), {
    code: 'RELIW_LUA_PATTERN_BUDGET',
    pattern: 'a-b',
    budget: 10
  })
  t.ok(budget.left <= 0)
  t.throws(() => compilePattern('%d').test('1', budget), {
    code: 'RELIW_LUA_PATTERN_BUDGET',
    budget: 0
  })
  t.ok(compilePattern('literal').test('a literal', budget), 'what takes no more steps may go on')
  t.ok(budget.left <= 0)
})

t.test('a budget counts instead of the step limit, and may be infinite', async (t) => {
  const pattern = compilePattern('a-b', { stepLimit: 10 })
  const subject = `${'a'.repeat(40)}b`
  t.throws(() => pattern.test(subject), LuaPatternBudgetError)
  t.ok(pattern.test(subject, { left: 1000 }))
  const endless = { left: Infinity }
  t.ok(pattern.test(subject, endless))
  t.equal(endless.left, Infinity)
  t.throws(() => pattern.test(subject), LuaPatternBudgetError, 'the step limit holds again')
})

/** Calls with what is well-formed of the generated patterns. */
function createCalls(count: number): Call[] {
  const random = createRandom(SEED)
  const calls: Call[] = []
  while (calls.length < count) {
    const pattern = generatePattern(random)
    if (isWellFormed(pattern)) calls.push(createCall(pattern, random))
  }
  return calls
}

function createCall(pattern: string, random: Random): Call {
  const subject = generateSubject(random).repeat(1 + random.below(4))
  const budget = { left: PLENTY }
  const found = budgeted({ pattern, subject }, budget)
  return { pattern, subject, found, steps: PLENTY - budget.left }
}

/** What `test` says with a budget; undefined where that does not suffice. */
function budgeted(
  { pattern, subject }: Pick<Call, 'pattern' | 'subject'>,
  budget: { left: number }
): boolean | undefined {
  // A step limit of one, so that a budget not looked at would show.
  return unlessTooExpensive(() => compilePattern(pattern, { stepLimit: 1 }).test(subject, budget))
}

/** What `test` says with a step limit; undefined where that does not suffice. */
function limited({ pattern, subject }: Call, stepLimit: number): boolean | undefined {
  return unlessTooExpensive(() => compilePattern(pattern, { stepLimit }).test(subject))
}

function unlessTooExpensive(test: () => boolean): boolean | undefined {
  try {
    return test()
  } catch (error) {
    if (error instanceof LuaPatternBudgetError) return undefined
    throw error
  }
}

/** The steps of one repetition are counted together: a call may overrun by that much. */
function isUsedUp(left: number, subject: string): boolean {
  return left < 0 && left >= -Math.max(subject.length, 1)
}

function isWellFormed(pattern: string): boolean {
  try {
    compilePattern(pattern)
    return true
  } catch (error) {
    if (error instanceof LuaPatternError) return false
    throw error
  }
}

function countFound(found: boolean | undefined): number {
  return calls.filter((call) => call.found === found).length
}

function firstDifference(answers: unknown[], expected: unknown[]): number {
  return answers.findIndex((answer, i) => answer !== expected[i])
}

function describe(call: Call, what: string): string {
  return `${JSON.stringify(call)}: ${what}`
}
