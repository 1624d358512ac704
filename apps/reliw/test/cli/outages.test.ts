import { startRedis, waitFor } from '@reliw/testing'
import t from 'tap'
import { createWorkplace } from './run-cli.ts'
import { addSite, ask } from './serving.ts'

t.test('a server starts without its Redis, responds with 503, and recovers', async (t) => {
  const redis = await startRedis(t)
  await redis.stop()
  const place = createWorkplace(t, { redis: { port: redis.port } })
  const { port, stop } = await place.serve()
  const early = await ask(port, '/a.txt')
  t.match(early, { status: 503, headers: { 'retry-after': /^\d+$/ }, text: /Request id/ })
  t.notMatch(early.text, /redis|127\.0\.0\.1|store/i)
  await redis.restart()
  await addSite(place)
  await place.reliw('set', 'FILES:a.example:/a.txt', 'content', 'text')
  await waitFor(async () => (await ask(port, '/a.txt')).text === 'text', 'the site')
  t.equal(await stop(), 0)
})

t.test('cached content is served while Redis is frozen, and is current after that', async (t) => {
  const redis = await startRedis(t)
  const place = createWorkplace(t, { redis: { port: redis.port } })
  await addSite(place)
  await place.reliw('set', 'FILES:a.example:/a.txt', 'content', 'text')
  const { port, line, stop } = await place.serve()
  t.equal((await ask(port, '/a.txt')).text, 'text')
  redis.pause()
  t.equal((await ask(port, '/a.txt')).text, 'text')
  t.equal((await ask(port, '/never-read.txt')).status, 503)
  await line({ msg: 'store lost' })
  t.equal((await ask(port, '/a.txt')).text, 'text')
  t.equal((await ask(port, '/', { host: 'other.example' })).status, 503)
  redis.resume()
  await place.reliw('set', 'FILES:a.example:/a.txt', 'content', 'changed')
  await waitFor(async () => (await ask(port, '/a.txt')).text === 'changed', 'the change')
  await waitFor(async () => (await ask(port, '/never-read.txt')).status === 404, '404')
  t.equal(await stop(), 0)
})

t.test('cached content is served while Redis is down, and is current after that', async (t) => {
  const redis = await startRedis(t)
  const place = createWorkplace(t, { redis: { port: redis.port } })
  await addSite(place)
  await place.reliw('set', 'FILES:a.example:/a.txt', 'content', 'text')
  const { port, line, stop } = await place.serve()
  t.equal((await ask(port, '/a.txt')).text, 'text')
  await redis.kill9()
  await line({ msg: 'store lost' })
  for (let n = 0; n < 10; n++) t.equal((await ask(port, '/a.txt')).text, 'text')
  t.equal((await ask(port, '/never-read.txt')).status, 503)
  await redis.restart()
  await addSite(place)
  await place.reliw('set', 'FILES:a.example:/a.txt', 'content', 'after the restart')
  const isBack = async () => (await ask(port, '/a.txt')).text === 'after the restart'
  await waitFor(isBack, 'the change')
  t.equal(await stop(), 0)
})

t.test('cached pages are no longer served after stale_if_error', async (t) => {
  const redis = await startRedis(t)
  const place = createWorkplace(t, {
    redis: { port: redis.port },
    store: { stale_if_error: '100ms' }
  })
  await addSite(place)
  await place.reliw('set', 'FILES:a.example:/a.txt', 'content', 'text')
  const { port } = await place.serve()
  t.equal((await ask(port, '/a.txt')).status, 200)
  await redis.kill9()
  await waitFor(async () => (await ask(port, '/a.txt')).status === 503, 'the end')
})

t.test(
  'warm requests cost Redis nothing but what is counted, later, for all of them',
  async (t) => {
    const redis = await startRedis(t)
    const place = createWorkplace(t, {
      redis: { port: redis.port },
      store: { flush_interval: '1h' },
      requests_per_fork: 0
    })
    await addSite(place)
    await place.reliw('set', 'FILES:a.example:/a.txt', 'content', 'text')
    const { port } = await place.serve()
    const all = () =>
      Promise.all(Array.from({ length: 20 }, (_, n) => ask(port, n % 2 ? '/a.txt' : '/none')))
    await all()
    const before = await countCommands(redis.command('INFO', 'commandstats'))
    for (let turn = 0; turn < 50; turn++) await all()
    const after = await countCommands(redis.command('INFO', 'commandstats'))
    t.same(after, before)
  }
)

/** How often each command was run, without what a connection is kept alive and watched by. */
async function countCommands(info: Promise<unknown>): Promise<Record<string, string>> {
  const lines = String(await info).matchAll(/^cmdstat_(\S+):calls=(\d+)/gm)
  const counts = Array.from(lines, ([, name = '', calls = '']) => [name, calls] as const)
  return Object.fromEntries(counts.filter(([name]) => name !== 'ping' && name !== 'info'))
}
