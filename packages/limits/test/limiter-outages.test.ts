import { setTimeout as delay } from 'node:timers/promises'
import type { Taken } from '@reliw/model'
import { startRedis, waitFor } from '@reliw/testing'
import t from 'tap'
import { openFor } from './bans-contract.ts'
import { isToldOnce, setUp, two } from './limiter-setup.ts'

/** Longer than anybody waits for the store, in milliseconds, and much shorter than a store hangs. */
const GUARD = 500

/** Fails when the answer does not come. */
async function decided(answer: Taken[] | Promise<Taken[]>): Promise<Taken[]> {
  const guard = delay(GUARD, undefined, { ref: false }).then(() => {
    throw new Error('it waits for the store')
  })
  return Promise.race([answer, guard])
}

t.test('while Redis is away each process counts by itself, and says so once', async (t) => {
  const redis = await startRedis(t)
  const store = await openFor(t, { redis: { port: redis.port, db: 0 } })
  const { limiter, told, asked, share } = setUp(store)
  await share()
  await redis.kill9()
  await waitFor(() => !store.connected, 'the loss')
  const before = asked()
  const answers = Array.from({ length: 5 }, () => limiter.take([two]))
  t.match(answers, [
    [{ allowed: true }],
    [{ allowed: true }],
    [{ allowed: false }],
    [{ allowed: false }],
    [{ allowed: false }]
  ])
  t.equal(asked(), before, 'it is not even asked')
  t.equal(limiter.isShared, false)
  isToldOnce(t, told, false)
  t.match(told.at(-1)?.cause, { code: 'RELIW_STORE_UNAVAILABLE' })

  await redis.restart()
  await waitFor(() => store.connected, 'the connection')
  await share()
  isToldOnce(t, told, true)
  const [taken] = await limiter.take([two])
  t.equal(taken?.allowed, true, 'in the store nothing was used')
})

t.test('a Redis that hangs makes nobody wait', async (t) => {
  const redis = await startRedis(t)
  const store = await openFor(t, { redis: { port: redis.port, db: 0 } })
  const { limiter, told, asked, share } = setUp(store)
  await share()
  redis.pause()
  t.teardown(() => redis.resume())
  const taken = await Promise.all(Array.from({ length: 4 }, () => decided(limiter.take([two]))))
  t.same(
    taken.map(([one]) => one?.allowed),
    [true, true, false, false]
  )
  const before = asked()
  t.match(limiter.take([two]), [{ allowed: false }], 'from then on at once')
  t.match(limiter.take([two, two]), [{ allowed: false }, { allowed: false }])
  t.equal(asked(), before)
  isToldOnce(t, told, false)
  t.match(String(told.at(-1)?.cause), /did not respond within/)

  await waitFor(async () => {
    await decided(limiter.take([two]))
    return asked() > before
  }, 'the next try')
  t.equal(limiter.isShared, false)
  isToldOnce(t, told, false)

  redis.resume()
  await share()
  isToldOnce(t, told, true)
})

t.test('what Redis refuses to count is counted here', async (t) => {
  const redis = await startRedis(t)
  const store = await openFor(t, { redis: { port: redis.port, db: 0, timeout: '5s' } })
  const { limiter, told, share } = setUp(store)
  await share()
  await redis.command('HSET', two.key, 'a', 'b')
  const answers: Taken[] = []
  await waitFor(async () => {
    answers.push(...(await limiter.take([two])))
    return String(told.at(-1)?.cause).includes('WRONGTYPE')
  }, 'the refusal')
  for (let n = 0; n < 2; n++) answers.push(...(await limiter.take([two])))
  t.equal(answers.filter(({ allowed }) => allowed).length, 2)
  await share()
  isToldOnce(t, told, true)
})
