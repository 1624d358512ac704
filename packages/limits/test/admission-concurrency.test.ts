import { type RawClient, tempDir } from '@reliw/testing'
import t, { type Test } from 'tap'
import { openFor } from './bans-contract.ts'
import { startHolding } from './holding-server.ts'
import { setSite } from './limited-app.ts'

/** Expects that a request was not let in. */
async function isRefused(t: Test, client: RawClient): Promise<void> {
  const response = await client.read('unavailable"}')
  t.match(response, /^HTTP\/1\.1 503 [^]*\r\nretry-after: 5\r\n[^]*LIMITS_TOO_MANY_REQUESTS/)
}

t.test('requests beyond the maximum are refused immediately', async (t) => {
  const { send, release, isTotal } = await startHolding(t, { max_concurrent_requests: 2 })
  const held = [send('/held'), send('/held', 'b.example')]
  await isTotal(2)
  await isRefused(t, send('/', 'c.example'))
  await isTotal(2)
  release()
  for (const client of held) await client.read('released')
  await isTotal(0)
  await send('/').read('served')
})

t.test('each host has its own maximum', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  await setSite(store, { max_concurrent_requests: 2 }, 'b.example')
  const { app, send, release, isTotal } = await startHolding(t, {
    store,
    max_concurrent_per_host: 1
  })
  const held = [send('/held'), send('/held', 'b.example'), send('/held', 'b.example')]
  await isTotal(3)
  await isRefused(t, send('/'))
  await isRefused(t, send('/', 'b.example'))
  await send('/', 'c.example').read('served')
  release()
  for (const client of held) await client.read('released')
  await isTotal(0)
  t.equal(app.limits.concurrency.hosts, 0)
})

t.test('a site alone may have a limit, and it may change meanwhile', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  const { send, isTotal, release } = await startHolding(t, { store })
  await send('/').read('served')
  await setSite(store, { max_concurrent_requests: 1 })
  const held = send('/held')
  await isTotal(1)
  await isRefused(t, send('/'))
  await setSite(store, { max_concurrent_requests: 2 })
  await send('/').read('served')
  await setSite(store, {})
  release()
  await held.read('released')
  await isTotal(0)
})

t.test('exempt routes are served all the same', async (t) => {
  const { send, isTotal } = await startHolding(t, { max_concurrent_requests: 1 })
  send('/held')
  await isTotal(1)
  await send('/health').read('healthy')
  await isRefused(t, send('/'))
  await isTotal(1)
})

t.test('every kind of response releases its place', async (t) => {
  const { app, send, open, isTotal } = await startHolding(t, { max_concurrent_requests: 1 })
  const body =
    'POST / HTTP/1.1\r\nHost: a.example\r\nContent-Type: a/b\r\nContent-Length: 3\r\n\r\nabc'
  for (let n = 0; n < 3; n++) {
    await send('/').read('served')
    await isTotal(0)
    await send('/missing').read('"Not Found"')
    await isTotal(0)
    await send('/a%2fb').read('400 Bad Request')
    await isTotal(0)
    await open(body).read('served')
    await isTotal(0)
  }
  t.equal(app.limits.concurrency.hosts, 0)
})
