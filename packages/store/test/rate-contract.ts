import type { Driver, Take } from '@reliw/model'
import { waitFor } from '@reliw/testing'
import type { Test } from 'tap'

const ALGORITHMS = ['fixed', 'sliding', 'gcra'] as const
const DAY = 86_400_000

/** Whole keys that are used once. */
function keyOf(name: string): string {
  return `RLW:LIMITS:a:GET:/${name}:1.2.3.4`
}

/** What every driver does with budgets; `peer` is another process as far as the driver can tell. */
export async function rateContract(t: Test, driver: Driver, peer: Driver): Promise<void> {
  const take = async (one: Take) => {
    const [taken] = await driver.take([one])
    if (taken === undefined) throw new Error('nothing was taken')
    return taken
  }
  const set = (key: string, value: string, ttl?: number) =>
    driver.write([{ op: 'set', key, value, ttl }])
  const text = async (key: string) => (await driver.get(key))?.toString()

  for (const algorithm of ALGORITHMS) {
    await t.test(
      `${algorithm}: of ten times as many concurrent uses, exactly the limit`,
      async (t) => {
        const one: Take = { key: keyOf(`exact-${algorithm}`), algorithm, limit: 20, period: DAY }
        const calls = [driver, peer].flatMap((each) =>
          Array.from({ length: 50 }, () => each.take([one, one]))
        )
        const taken = (await Promise.all(calls)).flat()
        t.equal(taken.length, 200)
        const allowed = taken.filter((one) => one.allowed)
        t.equal(allowed.length, 20)
        const left = allowed.map(({ remaining }) => remaining).toSorted((a, b) => a - b)
        t.same(
          left,
          Array.from({ length: 20 }, (_, n) => n),
          'each saw the ones before it'
        )
      }
    )

    await t.test(
      `${algorithm}: what is left, when it is back, and when to try again`,
      async (t) => {
        const one: Take = { key: keyOf(`told-${algorithm}`), algorithm, limit: 2, period: DAY }
        for (const remaining of [1, 0]) {
          const { reset, ...taken } = await take(one)
          t.same(taken, { allowed: true, remaining, retryAfter: 0 })
          t.ok(reset > 0 && reset <= DAY && Number.isInteger(reset), `reset ${reset}`)
        }
        const { reset, retryAfter, ...taken } = await take(one)
        t.same(taken, { allowed: false, remaining: 0 })
        t.ok(reset > 0 && reset <= DAY && Number.isInteger(reset), `reset ${reset}`)
        t.ok(retryAfter > 0 && retryAfter <= reset && Number.isInteger(retryAfter), `${retryAfter}`)
      }
    )

    await t.test(`${algorithm}: a budget comes back`, async (t) => {
      const one: Take = { key: keyOf(`back-${algorithm}`), algorithm, limit: 1, period: 200 }
      t.ok((await take(one)).allowed)
      await waitFor(async () => (await take(one)).allowed, 'the next use')
      await waitFor(async () => (await driver.type(one.key)) === undefined, 'the end of the key')
      t.ok((await take(one)).allowed)
    })

    await t.test(
      `${algorithm}: a value that is not a budget starts anew, with a lifetime`,
      async (t) => {
        const strange = ['', 'x', '-1', '1.5', ' 1', '1 ', '1 x', '1 2 3 4', '\0', '1e3', '1\n']
        const long = '9'.repeat(16)
        for (const value of [...strange, long, `${long} 0`, `${long} 1 1`, '1 2', '1 2 3']) {
          const one: Take = { key: keyOf(`strange-${algorithm}`), algorithm, limit: 5, period: DAY }
          await set(one.key, value)
          const { allowed, remaining } = await take(one)
          t.same({ allowed, remaining }, { allowed: true, remaining: 4 }, JSON.stringify(value))
          t.ok(((await driver.ttl(one.key)) ?? 0) > 0)
        }
      }
    )

    await t.test(`${algorithm}: a key of another type is refused, and left alone`, async (t) => {
      const key = keyOf(`hash-${algorithm}`)
      const other = { key: keyOf(`other-${algorithm}`), algorithm, limit: 2, period: DAY }
      await driver.write([{ op: 'hset', key, fields: { a: 'b' } }])
      for (const takes of [[{ ...other, key }], [{ ...other, key }, other]]) {
        await t.rejects(driver.take(takes), {
          code: 'RELIW_STORE_WRITE_FAILED',
          message: /WRONGTYPE/
        })
      }
      t.equal(String(await driver.hashField(key, 'a')), 'b')
      t.ok((await take(other)).allowed)
    })

    await t.test(`${algorithm}: a limit of 0 allows none, and stores nothing`, async (t) => {
      const one: Take = { key: keyOf(`none-${algorithm}`), algorithm, limit: 0, period: DAY }
      const never = { allowed: false, remaining: 0, reset: DAY, retryAfter: DAY }
      t.same(await driver.take([one, one]), [never, never])
      t.equal(await driver.type(one.key), undefined)
    })
  }

  await t.test('budgets of one call are used in order, each on its own', async (t) => {
    t.same(await driver.take([]), [])
    const takes = ALGORITHMS.flatMap((algorithm) =>
      [3, 2, 1].map((limit) => ({
        key: keyOf(`mixed-${algorithm}-${limit}`),
        algorithm,
        limit,
        period: DAY
      }))
    )
    const left = async () => (await driver.take(takes)).map(toLeft)
    t.same(await left(), [2, 1, 0, 2, 1, 0, 2, 1, 0])
    t.same(await left(), [1, 0, 'refused', 1, 0, 'refused', 1, 0, 'refused'])
    const [first] = takes
    if (first !== undefined) {
      t.same((await driver.take([first, first, first])).map(toLeft), [0, 'refused', 'refused'])
    }
  })

  await t.test('gcra: the burst is what may be used at once', async (t) => {
    const one: Take = { key: keyOf('burst'), algorithm: 'gcra', limit: 100, period: DAY, burst: 3 }
    const taken = await driver.take([one, one, one, one])
    t.same(taken.map(toLeft), [2, 1, 0, 'refused'])
    const [, , , last] = taken
    t.ok((last?.retryAfter ?? DAY) <= DAY / 100, 'one comes back in a hundredth of the period')
  })

  await t.test('gcra: an arrival time that is too far away is brought back', async (t) => {
    const one: Take = { key: keyOf('absurd'), algorithm: 'gcra', limit: 4, period: DAY }
    await set(one.key, `${'9'.repeat(15)} 0`)
    t.same(await take(one), { allowed: false, remaining: 0, reset: DAY / 4, retryAfter: DAY / 4 })
    t.ok(((await driver.ttl(one.key)) ?? 0) > DAY / 2)
    t.ok((await take(one)).retryAfter <= DAY / 4)
  })

  await t.test(
    'fixed: the value is a plain counter that lives as long as the window',
    async (t) => {
      const one: Take = { key: keyOf('plain'), algorithm: 'fixed', limit: 2, period: 60_000 }
      await driver.take([one])
      t.equal(await text(one.key), '1')
      await driver.take([one, one])
      t.equal(await text(one.key), '2')
      const ttl = (await driver.ttl(one.key)) ?? 0
      t.ok(ttl > 50_000 && ttl <= 60_000)
    }
  )

  await t.test('fixed: what others counted counts, past the limit too', async (t) => {
    const one: Take = { key: keyOf('counted'), algorithm: 'fixed', limit: 6, period: 60_000 }
    await driver.increment([{ key: one.key, by: 5, ttl: 30_000 }])
    const taken = await take(one)
    t.equal(toLeft(taken), 0)
    t.ok(taken.reset <= 30_000, 'the window ends when it would have')
    await driver.increment([{ key: one.key, by: 100 }])
    t.notOk((await take(one)).allowed)
    t.equal(await text(one.key), '106')
  })

  await t.test('fixed: a window that would last longer than the period is cut', async (t) => {
    const one: Take = { key: keyOf('cut'), algorithm: 'fixed', limit: 5, period: 60_000 }
    await set(one.key, '5', DAY)
    t.same(await take(one), { allowed: false, remaining: 0, reset: 60_000, retryAfter: 60_000 })
    t.ok(((await driver.ttl(one.key)) ?? DAY) <= 60_000)
  })
}

function toLeft({ allowed, remaining }: { allowed: boolean; remaining: number }): number | string {
  return allowed ? remaining : 'refused'
}
