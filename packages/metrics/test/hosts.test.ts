import { openRaw, seededRandom, tempDir, waitFor } from '@reliw/testing'
import t from 'tap'
import { Hosts } from '../src/requests/hosts.ts'
import type { Exposition } from './exposition.ts'
import { type Metered, startMetered } from './metered-app.ts'
import { openFor, writeSite } from './stores.ts'

// Slow where much else is running.
const COUNT = 'reliw_request_duration_seconds_count'

t.test('hosts are shown by name when they are sites, and else as unknown', async (t) => {
  const { send, scrapeWhen } = await startMetered(t, { is_site: (host) => host === 'a.example' })
  for (const host of ['a.example', 'A.Example:8080', 'a.example.', 'b.example', '127.0.0.1']) {
    await send({ host })
  }
  const read = await scrapeWhen((read) => read.value(COUNT) === 5)
  t.equal(read.value(COUNT, { host: 'unknown' }), 2)
  t.equal(read.value(COUNT, { host: 'a.example' }), 3, 'names are compared as they are normalized')
})

t.test('hosts beyond max_hosts are other', async (t) => {
  const { send, scrapeWhen } = await startMetered(t, { is_site: () => true, max_hosts: 2 })
  for (const host of ['a.example', 'b.example', 'c.example', 'd.example', 'a.example']) {
    await send({ host })
  }
  const read = await scrapeWhen((read) => read.value(COUNT) === 5)
  t.strictSame(read.labels(COUNT, 'host'), ['a.example', 'b.example', 'other'])
  t.equal(read.value(COUNT, { host: 'other' }), 2)
})

t.test('without a store and without is_site every host is unknown', async (t) => {
  const { send, scrapeWhen } = await startMetered(t)
  await send()
  const read = await scrapeWhen((read) => read.value(COUNT) === 1)
  t.strictSame(read.labels(COUNT, 'host'), ['unknown'])
})

t.test('a site of the store is shown from the request on after which it is known', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  const metered = await startMetered(t, { store })
  const { send, scrapeWhen } = metered
  await send({ host: 'new.example' })
  const before = await scrapeWhen((read) => read.value(COUNT) === 1)
  t.strictSame(before.labels(COUNT, 'host'), ['unknown'])
  await writeSite(store, 'new.example')
  await store.driver.write([
    { op: 'set', key: store.keys.proxy('proxied.example'), value: '{"target": "127.0.0.1:1"}' },
    { op: 'set', key: store.keys.routes('wrong.example'), value: '{"not": "routes"}' }
  ])
  for (const host of ['new.example', 'proxied.example', 'wrong.example']) {
    await sendUntilShown(metered, host)
  }
  t.pass('routes, an upstream, or a value that is wrong')
})

t.test('10,000 hosts that are not sites add no series', { timeout: 60_000 }, async (t) => {
  const random = seededRandom(t)
  const store = await openFor(t, { dir: tempDir(t) })
  await writeSite(store, 'a.example')
  const metered = await startMetered(t, { store })
  const { port, scrapeWhen, send } = metered
  const asked = await sendUntilShown(metered, 'a.example')
  await send({ host: 'b.example' })
  await scrapeWhen((read) => read.labels('http_requests_total', 'host').length === 2)
  const before = await scrapeWhen((read) => read.value(COUNT) === asked + 1)
  const counted = before.value(COUNT, { host: 'unknown' }) ?? 0
  const characters =
    'abcdefghijklmnopqrstuvwxyz0123456789-._"\\\'{}[]<>=,:;!$%&()*+~^|`@/?#\xE4\xFF'
  const name = (): string =>
    Array.from({ length: 1 + random.below(60) }, () =>
      characters.charAt(random.below(characters.length))
    ).join('')
  const clients = Array.from({ length: 4 }, () => openRaw(port))
  await Promise.all(
    clients.map(async (client) => {
      for (let batch = 0; batch < 25; batch++) {
        const hosts = Array.from({ length: 100 }, () => random.pick([name(), `${name()}.test`]))
        client.write(hosts.map((host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`).join(''))
        for (let n = 0; n < 100; n++) await client.read('served')
      }
      client.destroy()
    })
  )
  const after = await scrapeWhen(
    (read) => read.value(COUNT, { host: 'unknown' }) === counted + 10_000
  )
  t.equal(seriesIn(after), seriesIn(before))
  t.strictSame(after.labels(COUNT, 'host'), ['a.example', 'unknown'])
})

/** Asks for a host until it is shown by name; resolves to how often that was. */
async function sendUntilShown({ send, scrape }: Metered, host: string): Promise<number> {
  let asked = 0
  await waitFor(
    async () => {
      await send({ host })
      asked++
      return (await scrape()).samples(COUNT, { host }).length > 0
    },
    host,
    15_000
  )
  return asked
}

/** Those of the process; node's own come and go. */
function seriesIn({ families }: Exposition): number {
  return [...families.values()]
    .filter(({ name }) => /^(reliw_(request|response|connections)|http_requests)/.test(name))
    .reduce((sum, { samples }) => sum + samples.length, 0)
}

t.test('a host is unknown while is_site fails', async (t) => {
  const hosts = new Hosts((host) => {
    if (host === 'later.example') return Promise.resolve(true)
    if (host === 'away.example') return Promise.reject(new Error('away'))
    throw new Error('away')
  }, 10)
  for (const host of ['', 'later.example', 'away.example', 'thrown.example']) {
    t.equal(hosts.nameOf(host), 'unknown', host)
  }
  await Promise.resolve()
  t.equal(hosts.nameOf('later.example'), 'later.example')
  t.equal(hosts.nameOf('away.example'), 'unknown')
})
