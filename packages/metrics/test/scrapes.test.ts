import { existsSync } from 'node:fs'
import { openRaw, startRedis } from '@reliw/testing'
import t from 'tap'
import { scrapeOf } from './metered-app.ts'
import { startWatched, type Watched } from './watched.ts'

// Slow where much else is running.
const AT_ONCE = 4
const skip = existsSync('/proc/self/fd') ? false : 'there is no /proc'

interface Holdings {
  heap: number
  external: number
  descriptors: number
}

async function scrapeTimes({ url }: Watched, times: number): Promise<void> {
  const turns = Array.from({ length: AT_ONCE }, async () => {
    for (let n = 0; n < times / AT_ONCE; n++) await scrapeOf(url, 'application/openmetrics-text')
  })
  await Promise.all(turns)
}

/** Scrapes whose clients leave as soon as something comes. */
async function breakOff({ url }: Watched, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    const client = openRaw(Number(new URL(url).port))
    client.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
    await client.read('HTTP/1.1 200')
    client.socket.resetAndDestroy()
    await client.closed
  }
}

t.test('1,000 scrapes leave nothing behind', { timeout: 120_000, skip }, async (t) => {
  const { host, port } = await startRedis(t)
  const watched = await startWatched(t, { redis: { host, port } })
  const holdings = async (): Promise<Holdings> => (await watched.run('holdings')) as Holdings
  await scrapeTimes(watched, 200)
  await breakOff(watched, 20)
  const before = await holdings()
  await scrapeTimes(watched, 1000)
  await breakOff(watched, 50)
  const after = await holdings()
  t.comment(JSON.stringify({ before, after }))
  t.ok(after.descriptors <= before.descriptors, 'nothing stays open')
  const grown = after.heap + after.external - before.heap - before.external
  t.ok(grown < 2_000_000, `${grown} bytes more are held`)
})
