import { fail, startRedis, waitFor } from '@reliw/testing'
import t from 'tap'
import { openStore, type StoreLog } from '../src/index.ts'

t.test('a log that throws at an outage of Redis ends nothing', async (t) => {
  const redis = await startRedis(t)
  const log = {
    trace: fail,
    debug: fail,
    info: fail,
    warn: fail,
    error: fail
  } as unknown as StoreLog
  const store = await openStore({ redis: { host: '127.0.0.1', port: redis.port, db: 0 } }, log)
  t.teardown(() => store.close())
  await waitFor(() => store.connected, 'the connection')
  await redis.restart()
  await waitFor(async () => {
    await store.driver
      .write([{ op: 'set', key: 'RLW:DATA:a:x', value: 'x' }])
      .catch(() => undefined)
    return (await store.driver.get('RLW:DATA:a:x').catch(() => undefined))?.toString() === 'x'
  }, 'the store to work again')
  await waitFor(() => store.connected, 'the connection')
})
