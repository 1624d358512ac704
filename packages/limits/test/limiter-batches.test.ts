import type { Driver, Store, Take } from '@reliw/model'
import { startRedis, tempDir, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { Limiter } from '../src/rates/limiter.ts'
import { openFor } from './bans-contract.ts'
import { buildApp } from './limited-app.ts'

/** A use of a budget of that name, of 1,000 a day. */
function use(name: string): Take {
  return { key: `RLW:LIMITS:a:${name}`, algorithm: 'fixed', limit: 1_000, period: 86_400_000 }
}

/** The same driver, and how many uses each of its calls brought. */
function counting(driver: Driver): { driver: Pick<Driver, 'take'>; calls: number[] } {
  const calls: number[] = []
  const take: Driver['take'] = (takes) => {
    calls.push(takes.length)
    return driver.take(takes)
  }
  return { driver: { take }, calls }
}

async function contract(t: Test, store: Store): Promise<void> {
  await t.test('the uses of one turn are one call of the driver', async (t) => {
    const { driver, calls } = counting(store.driver)
    const limiter = new Limiter({ driver })
    const taken = Array.from({ length: 100 }, async () => limiter.take([use('turn')]))
    t.same(calls, [], 'the turn is not over')
    const left = (await Promise.all(taken)).map(([one]) => one?.remaining)
    t.same(calls, [100])
    t.same(
      left,
      left.map((_, at) => 999 - at),
      'in the order in which they came'
    )
  })

  await t.test('each gets the responses to its own uses', async (t) => {
    const limiter = new Limiter({ driver: store.driver })
    const taken = await Promise.all([
      limiter.take([use('one')]),
      limiter.take([use('two'), use('one'), use('two')]),
      limiter.take([]),
      limiter.take([{ ...use('none'), limit: 0 }, use('one')])
    ])
    t.same(
      taken.map((of) => of.map(({ remaining }) => remaining)),
      [[999], [999, 998, 998], [], [0, 997]]
    )
  })

  await t.test('another turn is another call', async (t) => {
    const { driver, calls } = counting(store.driver)
    const limiter = new Limiter({ driver })
    const first = limiter.take([use('later'), use('later')])
    await waitFor(() => calls.length === 1, 'the first call')
    await Promise.all([first, limiter.take([use('later')])])
    t.ok(calls.length === 2 || limiter.fallbacks > 0, calls.join())
  })

  await t.test('requests that come at once are counted at once', async (t) => {
    const { driver, calls } = counting(store.driver)
    const counted = Object.create(store, { driver: { value: { ...store.driver, ...driver } } })
    const rate_limits = [{ name: 'each', limit: 1_000, period: '1d' }]
    const { statuses, send } = await buildApp(t, { store: counted as Store, rate_limits })
    await statuses(1)
    // The store may have been late; then it is not called again for a second.
    await waitFor(async () => {
      calls.length = 0
      await Promise.all(Array.from({ length: 20 }, () => send()))
      return calls.length > 0
    }, 'the store to be called')
    t.same(calls, [20])
  })
}

t.test('the embedded store is called once per turn of the event loop', async (t) => {
  await contract(t, await openFor(t, { dir: tempDir(t) }))
})

t.test('Redis is called once per turn of the event loop', async (t) => {
  const { port } = await startRedis(t)
  await contract(t, await openFor(t, { redis: { port, db: 0, timeout: '5s' } }))
})

t.test('without a driver the result is there at once', async (t) => {
  const limiter = new Limiter({})
  t.match(limiter.take([use('here')]), [{ allowed: true, remaining: 999 }])
  t.match(limiter.takeLocally([use('here')]), [{ allowed: true, remaining: 998 }])
  t.equal(limiter.isShared, false)
  t.equal(limiter.fallbacks, 0, 'that is no failure')
})
