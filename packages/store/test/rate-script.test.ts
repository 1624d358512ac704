import { type Budget, encodeBudget, newBudget, type Take, takeFrom, type Taken } from '@reliw/model'
import { type Random, type RedisServer, seededRandom, startRedis } from '@reliw/testing'
import t from 'tap'
import { scriptAt } from '../src/redis/take-script.ts'
import { toTaken } from '../src/redis/take.ts'

const START = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
const STEPS = 1500

/** The script, told the time instead of asking for it. */
const script = scriptAt('local now = tonumber(ARGV[5])')

async function runScript(redis: RedisServer, now: number, take: Take): Promise<Taken> {
  const { key, algorithm, limit, period, burst = limit } = take
  const values = [algorithm, limit, period, burst, now]
  const [reply] = (await redis.command('EVAL', script, 1, key, ...values)) as unknown[]
  return toTaken(reply)
}

/** Keys must outlive the test, whose clock is not the server's. */
function randomTake(random: Random, algorithm: Take['algorithm']): Take {
  return {
    key: `k${random.below(1_000_000)}`,
    algorithm,
    limit: random.pick([1, 2, 3, 7, 60]),
    period: HOUR * random.pick([1, 2, 7, 24]) + random.below(1000),
    burst: random.pick([undefined, 1, 2, 5, 70])
  }
}

for (const algorithm of ['sliding', 'gcra'] as const) {
  t.test(`${algorithm} in Redis gives the same results and leaves the same value`, async (t) => {
    const redis = await startRedis(t)
    const random = seededRandom(t)
    const budgets = Array.from({ length: 10 }, (): { take: Take; budget: Budget } => ({
      take: randomTake(random, algorithm),
      budget: newBudget()
    }))
    let now = START
    let refusals = 0
    for (let step = 0; step < STEPS; step++) {
      const { take, budget } = random.pick(budgets)
      const pauses = [0, 0, 1, take.period / take.limit, take.period, 3 * take.period]
      now += random.below(Math.ceil(random.pick(pauses)) + 1)
      // The edges of windows are where two ways of counting part.
      if (random.below(4) === 0) now = Math.ceil(now / take.period) * take.period
      const expected = takeFrom(budget, now, take)
      if (!expected.allowed) refusals++
      const taken = await runScript(redis, now, take)
      const text = await redis.command('GET', take.key)
      const wanted = budget.until === 0 ? null : encodeBudget(budget, algorithm)
      if (JSON.stringify(taken) === JSON.stringify(expected) && text === wanted) continue
      t.same({ taken, text }, { taken: expected, text: wanted }, JSON.stringify({ take, now }))
      return
    }
    t.ok(refusals > 0 && refusals < STEPS)
  })
}

t.test('fixed in Redis gives the same results and leaves the same value', async (t) => {
  const redis = await startRedis(t)
  const random = seededRandom(t)
  const wrong: object[] = []
  for (let run = 0; run < 50; run++) {
    const take = randomTake(random, 'fixed')
    let budget = newBudget()
    for (let step = 0; step < 20; step++) {
      if (random.below(15) === 0) {
        await redis.command('DEL', take.key)
        budget = newBudget()
      }
      const expected = takeFrom(budget, START, take)
      const { reset, ...taken } = await runScript(redis, START, take)
      const text = await redis.command('GET', take.key)
      const right =
        taken.allowed === expected.allowed &&
        taken.remaining === expected.remaining &&
        taken.retryAfter === (taken.allowed ? 0 : reset) &&
        reset > take.period - HOUR / 2 &&
        reset <= take.period &&
        text === encodeBudget(budget, 'fixed')
      if (!right) wrong.push({ take, taken, expected, reset, text })
    }
  }
  t.same(wrong, [])
})

t.test('a key expires when its budget has no effect any more', async (t) => {
  const redis = await startRedis(t)
  const now = START + 600_000
  const one = { limit: 4, period: HOUR }
  const lifeOf = async (take: Take): Promise<number> => {
    await runScript(redis, now, take)
    return Number(await redis.command('PTTL', take.key))
  }
  for (const [take, most] of [
    [{ ...one, key: 'f', algorithm: 'fixed' }, HOUR],
    [{ ...one, key: 's', algorithm: 'sliding' }, 2 * HOUR - 600_000],
    [{ ...one, key: 'g', algorithm: 'gcra' }, HOUR / 4]
  ] as const) {
    const left = await lifeOf(take)
    t.ok(left <= most && left > most - 60_000, `${take.algorithm}: ${left} of ${most}`)
  }
})
