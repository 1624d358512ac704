import { type Random, seededRandom } from '@reliw/testing'
import t from 'tap'
import { type Budget, newBudget, type Take, takeFrom } from '../src/index.ts'
import { decodeBudget, encodeBudget } from '../src/index.ts'

const ALGORITHMS = ['fixed', 'sliding', 'gcra'] as const
const START = Date.UTC(2026, 0, 1)
const RUNS = 50
const USES = 200

/** When a use was asked for, and whether it was allowed. */
interface Use {
  at: number
  allowed: boolean
}

function randomTake(random: Random, algorithm: Take['algorithm']): Take {
  return {
    key: 'k',
    algorithm,
    limit: random.pick([1, 2, 3, 7, 10, 99, 1000]),
    period: random.pick([1, 17, 1000, 1001, 60_000, 86_400_000]),
    burst: random.pick([undefined, undefined, 1, 2, 5, 150])
  }
}

/** Mostly none, else up to a few periods, or about what one use takes. */
function randomPause(random: Random, { limit, period }: Take): number {
  const most = random.pick([0, 0, 0, 2, period / limit, period / 2, 3 * period])
  return random.below(Math.ceil(most) + 1)
}

/** Asks many times; `check` sees each answer with the uses before it. */
function play(
  random: Random,
  take: Take,
  check: (
    use: Use & { remaining: number; reset: number },
    before: readonly Use[],
    budget: Budget
  ) => void
): Use[] {
  const budget = newBudget()
  const uses: Use[] = []
  let now = START + random.below(take.period)
  for (let n = 0; n < USES; n++) {
    now += randomPause(random, take)
    const { allowed, remaining, reset } = takeFrom(budget, now, take)
    check({ at: now, allowed, remaining, reset }, uses, budget)
    uses.push({ at: now, allowed })
  }
  return uses
}

function allowedOf(uses: readonly Use[]): number[] {
  return uses.filter(({ allowed }) => allowed).map(({ at }) => at)
}

/** What is free of a window that began with the first use after the last one ended. */
function freeOfFixed({ limit, period }: Take, before: readonly Use[], now: number): number {
  let start = -Infinity
  let count = 0
  for (const at of allowedOf(before)) {
    if (at >= start + period) {
      start = at
      count = 0
    }
    count++
  }
  return now >= start + period ? limit : limit - count
}

/** What is free when the uses of the window before count by how many of its milliseconds are in the last period. */
function freeOfSliding({ limit, period }: Take, before: readonly Use[], now: number): number {
  const start = Math.floor(now / period) * period
  const within = (from: number): number =>
    allowedOf(before).filter((at) => at >= from && at < from + period).length
  const overlap = BigInt(start - 1 - (now - period))
  const weighted = (BigInt(within(start - period)) * overlap) / BigInt(period)
  return limit - within(start) - Number(weighted)
}

/** What is free in a bucket that fills by `limit` in a period; in exact fractions of a use. */
function freeOfBucket(
  { limit, period, burst = limit }: Take,
  before: readonly Use[],
  now: number
): number {
  const full = BigInt(burst * period)
  let level = full
  let last = START
  const fill = (at: number): void => {
    level += BigInt((at - last) * limit)
    if (level > full) level = full
    last = at
  }
  for (const at of allowedOf(before)) {
    fill(at)
    level -= BigInt(period)
  }
  fill(now)
  return Number(level / BigInt(period))
}

const ORACLES = { fixed: freeOfFixed, sliding: freeOfSliding, gcra: freeOfBucket }

for (const algorithm of ALGORITHMS) {
  t.test(`${algorithm} decides as a log of all uses does`, async (t) => {
    const random = seededRandom(t)
    const wrong: object[] = []
    let allowances = 0
    for (let run = 0; run < RUNS; run++) {
      const take = randomTake(random, algorithm)
      const uses = play(random, take, ({ at, allowed, remaining }, before) => {
        const free = ORACLES[algorithm](take, before, at)
        const right = allowed === free >= 1 && remaining === Math.max(free - 1, 0)
        if (!right) wrong.push({ take, at, allowed, remaining, free })
      })
      allowances += allowedOf(uses).length
    }
    t.same(wrong, [])
    t.ok(allowances > RUNS && allowances < RUNS * USES, 'some were allowed, and some refused')
  })

  t.test(`${algorithm}: reset is the first moment at which more is left than now`, async (t) => {
    const random = seededRandom(t)
    const wrong: object[] = []
    for (let run = 0; run < RUNS; run++) {
      const take = randomTake(random, algorithm)
      play(random, take, ({ at, remaining, reset }, _before, budget) => {
        const leftAt = (when: number): number => {
          const asked = takeFrom(structuredClone(budget), when, take)
          return asked.allowed ? asked.remaining + 1 : 0
        }
        const isFirst = leftAt(at + reset - 1) <= remaining && leftAt(at + reset) > remaining
        if (reset < 1 || !isFirst) wrong.push({ take, at, remaining, reset })
      })
    }
    t.same(wrong, [])
  })

  t.test(`${algorithm}: retryAfter is the first moment at which a use is allowed`, async (t) => {
    const random = seededRandom(t)
    const wrong: object[] = []
    let refusals = 0
    for (let run = 0; run < RUNS; run++) {
      const take = randomTake(random, algorithm)
      play(random, take, ({ at, allowed }, _, budget) => {
        if (allowed) return
        refusals++
        const asked = structuredClone(budget)
        const { retryAfter, reset } = takeFrom(asked, at, take)
        const early = takeFrom(structuredClone(budget), at + retryAfter - 1, take)
        const inTime = takeFrom(structuredClone(budget), at + retryAfter, take)
        const plausible = retryAfter > 0 && retryAfter <= take.period && reset > 0
        if (early.allowed || !inTime.allowed || !plausible) wrong.push({ take, at, retryAfter })
        if (encodeBudget(asked, algorithm) !== encodeBudget(budget, algorithm))
          wrong.push({ take, at, consumed: asked })
      })
    }
    t.same(wrong, [])
    t.ok(refusals > RUNS)
  })

  t.test(`${algorithm}: a budget has no effect once its period is over`, async (t) => {
    const random = seededRandom(t)
    const wrong: object[] = []
    for (let run = 0; run < RUNS; run++) {
      const take = randomTake(random, algorithm)
      play(random, take, ({ at }, _, budget) => {
        const old = takeFrom(structuredClone(budget), budget.until, take)
        const fresh = takeFrom(newBudget(), budget.until, take)
        if (budget.until <= at || JSON.stringify(old) !== JSON.stringify(fresh))
          wrong.push({ take, at, budget: { ...budget } })
      })
    }
    t.same(wrong, [])
  })

  t.test(`${algorithm}: a written budget is read again unchanged`, async (t) => {
    const random = seededRandom(t)
    const wrong: string[] = []
    for (let run = 0; run < RUNS; run++) {
      const take = randomTake(random, algorithm)
      play(random, take, ({ at }, _, budget) => {
        const text = encodeBudget(budget, algorithm)
        const read = decodeBudget(text, algorithm, budget.until)
        const same =
          JSON.stringify(takeFrom(read, at + 1, take)) ===
          JSON.stringify(takeFrom(structuredClone(budget), at + 1, take))
        if (!same) wrong.push(text)
      })
    }
    t.same(wrong, [])
  })

  t.test(`${algorithm}: any record and any clock gives a result in range`, async (t) => {
    const random = seededRandom(t)
    const wrong: object[] = []
    const odd = () => random.pick([0, 1, random.below(2 ** 31), START, 999_999_999_999_999])
    for (let run = 0; run < 5000; run++) {
      const take = randomTake(random, algorithm)
      const budget = { at: odd(), count: odd(), rest: odd(), until: odd() }
      const before = { ...budget }
      const { allowed, remaining, reset, retryAfter } = takeFrom(budget, odd() + 1, take)
      const numbers = [remaining, reset, retryAfter]
      const longest = 2 * take.period * Math.max(1, (take.burst ?? 0) / take.limit)
      const right =
        numbers.every((number) => Number.isInteger(number) && number >= 0) &&
        reset > 0 &&
        reset <= longest &&
        retryAfter <= longest &&
        allowed === (retryAfter === 0)
      if (!right) wrong.push({ take, before, allowed, remaining, reset, retryAfter })
    }
    t.same(wrong, [])
  })
}

t.test('gcra admits no more in any time than its burst and what the rate gives', async (t) => {
  const random = seededRandom(t)
  const wrong: object[] = []
  for (let run = 0; run < RUNS; run++) {
    const take = randomTake(random, 'gcra')
    const { limit, period, burst = limit } = take
    const log = allowedOf(play(random, take, () => undefined))
    for (const [first, from] of log.entries()) {
      for (const [last, to] of log.entries()) {
        if (last < first) continue
        const most = burst * period + (to - from) * limit
        if ((last - first + 1) * period > most) wrong.push({ take, from, to })
      }
    }
  }
  t.same(wrong, [])
})

t.test('gcra keeps its rate exactly over a million uses', async (t) => {
  for (const [limit, period, burst] of [
    [7, 60_000, 10],
    [1_000_000, 7001, 1000],
    [3, 1000, 2]
  ] as const) {
    const take: Take = { key: 'k', algorithm: 'gcra', limit, period, burst }
    const budget = newBudget()
    let now = START
    for (let uses = 0; uses < 1_000_000;) {
      const { allowed, retryAfter } = takeFrom(budget, now, take)
      if (allowed) uses++
      else now += retryAfter
    }
    t.equal(now - START, Math.ceil(((1_000_000 - burst) * period) / limit), `${limit}/${period}`)
  }
})

t.test(
  'sliding allows the limit in a first window, and never twice that in a period',
  async (t) => {
    const random = seededRandom(t)
    const wrong: object[] = []
    for (let run = 0; run < RUNS; run++) {
      const take = randomTake(random, 'sliding')
      const { limit, period } = take
      const first = newBudget()
      const now = START - (START % period)
      const taken = Array.from({ length: 3 * limit }, () => takeFrom(first, now, take).allowed)
      if (taken.filter(Boolean).length !== limit) wrong.push({ take, first })
      const log = allowedOf(play(random, take, () => undefined))
      for (const from of log) {
        const uses = log.filter((at) => at >= from && at < from + period).length
        if (uses > 2 * limit) wrong.push({ take, from, uses })
      }
    }
    t.same(wrong, [])
  }
)

t.test('sliding lets a steady client have its whole rate', async (t) => {
  const take: Take = { key: 'k', algorithm: 'sliding', limit: 6, period: 60_000 }
  const budget = newBudget()
  const start = START + 1234
  const taken = Array.from({ length: 600 }, (_, n) => takeFrom(budget, start + n * 10_000, take))
  t.equal(taken.filter(({ allowed }) => allowed).length, 600)
})

t.test('a clock that goes back locks nobody out for longer than a period', async (t) => {
  for (const algorithm of ALGORITHMS) {
    const take: Take = { key: 'k', algorithm, limit: 2, period: 60_000 }
    const budget = newBudget()
    for (let n = 0; n < 3; n++) takeFrom(budget, START + 86_400_000, take)
    const { retryAfter } = takeFrom(budget, START, take)
    t.ok(retryAfter <= 60_000)
    t.ok(takeFrom(budget, START + retryAfter, take).allowed, algorithm)
  }
})

t.test('a limit that is lowered holds for what was used before', async (t) => {
  for (const algorithm of ALGORITHMS) {
    const take: Take = { key: 'k', algorithm, limit: 100, period: 60_000 }
    const budget = newBudget()
    for (let n = 0; n < 100; n++) takeFrom(budget, START, take)
    const low = { ...take, limit: 3 }
    const { allowed, retryAfter } = takeFrom(budget, START + 1, low)
    t.notOk(allowed)
    t.notOk(takeFrom(structuredClone(budget), START + retryAfter, low).allowed)
    t.ok(takeFrom(budget, START + 1 + retryAfter, low).allowed, algorithm)
  }
})
