import { setTimeout as delay } from 'node:timers/promises'
import type { Taken } from '@reliw/model'
import { startRedis, waitFor } from '@reliw/testing'
import t from 'tap'
import { openFor } from './bans-contract.ts'
import { isReportedOnce, setUp, two } from './limiter-setup.ts'

/** Longer than anybody waits for the store, in milliseconds, and much shorter than a store hangs. */
const GUARD = 500

/** Fails when the response does not come. */
async function decided(response: Taken[] | Promise<Taken[]>): Promise<Taken[]> {
  const guard = delay(GUARD, undefined, { ref: false }).then(() => {
    throw new Error('it waits for the store')
  })
  return Promise.race([response, guard])
}

t.test(
  'while Redis is unavailable each process counts by itself, and reports it once',
  async (t) => {
    const redis = await startRedis(t)
    const store = await openFor(t, { redis: { port: redis.port, db: 0 } })
    const { limiter, reports, calls, share } = setUp(store)
    await share()
    await redis.kill9()
    await waitFor(() => !store.connected, 'the loss')
    const before = calls()
    const responses = Array.from({ length: 5 }, () => limiter.take([two]))
    t.match(responses, [
      [{ allowed: true }],
      [{ allowed: true }],
      [{ allowed: false }],
      [{ allowed: false }],
      [{ allowed: false }]
    ])
    t.equal(calls(), before, 'it is not even called')
    t.equal(limiter.isShared, false)
    isReportedOnce(t, reports, false)
    t.match(reports.at(-1)?.cause, { code: 'RELIW_STORE_UNAVAILABLE' })

    await redis.restart()
    await waitFor(() => store.connected, 'the connection')
    await share()
    isReportedOnce(t, reports, true)
    const [taken] = await limiter.take([two])
    t.equal(taken?.allowed, true, 'in the store nothing was used')
  }
)

t.test('a Redis that hangs makes no request wait', async (t) => {
  const redis = await startRedis(t)
  const store = await openFor(t, { redis: { port: redis.port, db: 0 } })
  const { limiter, reports, calls, share } = setUp(store)
  await share()
  redis.pause()
  t.teardown(() => redis.resume())
  const taken = await Promise.all(Array.from({ length: 4 }, () => decided(limiter.take([two]))))
  t.same(
    taken.map(([one]) => one?.allowed),
    [true, true, false, false]
  )
  const before = calls()
  t.match(limiter.take([two]), [{ allowed: false }], 'from then on at once')
  t.match(limiter.take([two, two]), [{ allowed: false }, { allowed: false }])
  t.equal(calls(), before)
  isReportedOnce(t, reports, false)
  t.match(String(reports.at(-1)?.cause), /did not respond within/)

  await waitFor(async () => {
    await decided(limiter.take([two]))
    return calls() > before
  }, 'the next try')
  t.equal(limiter.isShared, false)
  isReportedOnce(t, reports, false)

  redis.resume()
  await share()
  isReportedOnce(t, reports, true)
})

t.test('uses that Redis refuses to count are counted locally', async (t) => {
  const redis = await startRedis(t)
  const store = await openFor(t, { redis: { port: redis.port, db: 0, timeout: '5s' } })
  const { limiter, reports, share } = setUp(store)
  await share()
  await redis.command('HSET', two.key, 'a', 'b')
  const responses: Taken[] = []
  await waitFor(async () => {
    responses.push(...(await limiter.take([two])))
    return String(reports.at(-1)?.cause).includes('WRONGTYPE')
  }, 'the refusal')
  for (let n = 0; n < 2; n++) responses.push(...(await limiter.take([two])))
  t.equal(responses.filter(({ allowed }) => allowed).length, 2)
  await share()
  isReportedOnce(t, reports, true)
})
