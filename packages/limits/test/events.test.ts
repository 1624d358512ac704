import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type RawClient, tempDir, type TestContext, waitFor } from '@reliw/testing'
import t from 'tap'
import type { BannedEvent, RefusedEvent } from '../src/index.ts'
import { openFor, put } from './bans-contract.ts'
import { startHolding } from './holding-server.ts'
import { buildApp } from './limited-app.ts'

/** What a channel tells until the test ends. */
function hear<T>(t: TestContext, channel: string): T[] {
  const events: T[] = []
  const listener = (event: unknown): void => void events.push(event as T)
  subscribe(channel, listener)
  t.teardown(() => void unsubscribe(channel, listener))
  return events
}

async function statusOf(client: RawClient): Promise<string> {
  return (await client.read('\r\n')).slice(9, 12)
}

t.test('the refusal of a banned client is published', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  await put(store, '192.0.2.1')
  const { app, send } = await buildApp(t, { store })
  await app.ready()
  t.equal(app.limits.bans?.list.size, 1)
  const events = hear<RefusedEvent>(t, 'reliw.limits.refused')
  const { status, headers } = await send()
  t.equal(status, 403)
  t.equal((await send({ ip: '192.0.2.2' })).status, 200)
  const requestId = headers['x-request-id']
  t.match(events, [{ host: 'a.example', reason: 'banned', clientIp: '192.0.2.1', requestId }])
})

t.test('the refusal of a request beyond the concurrency limit is published', async (t) => {
  const { send, isTotal } = await startHolding(t, { max_concurrent_per_host: 1 })
  const events = hear<RefusedEvent>(t, 'reliw.limits.refused')
  send('/held')
  await isTotal(1)
  t.equal(await statusOf(send('/')), '503')
  t.equal(await statusOf(send('/', 'b.example')), '200')
  t.match(events, [{ host: 'a.example', reason: 'concurrency', clientIp: '127.0.0.1' }])
  t.equal(events.length, 1)
})

t.test('the refusal of an overloaded process is published', async (t) => {
  const pressure = { interval: '100ms', max_event_loop_delay: 0, max_heap: 1 }
  const { app, send } = await startHolding(t, { pressure })
  const events = hear<RefusedEvent>(t, 'reliw.limits.refused')
  await waitFor(() => app.limits.pressure.isOverloaded, 'a look')
  t.equal(await statusOf(send('/')), '503')
  t.equal(await statusOf(send('/health')), '200')
  t.match(events, [{ host: 'a.example', reason: 'overloaded', clientIp: '127.0.0.1' }])
  t.equal(events.length, 1)
})

t.test('an automatic ban is published once', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  const rule = { threshold: 2, window: '1m', duration: '1h' }
  const { app, send } = await startHolding(t, { store, auto_ban: { not_found: rule } })
  const banned = hear<BannedEvent>(t, 'reliw.limits.banned')
  const refused = hear<RefusedEvent>(t, 'reliw.limits.refused')
  t.equal(await statusOf(send('/missing')), '404')
  t.strictSame(banned, [])
  t.equal(await statusOf(send('/missing')), '404')
  await waitFor(() => app.limits.bans?.list.size === 1, 'the ban')
  t.equal(await statusOf(send('/missing')), '403')
  await waitFor(() => banned.length > 0, 'the event')
  t.match(banned, [{ block: '127.0.0.1', reason: 'requests for what is not there' }])
  t.match(refused, [{ reason: 'banned', clientIp: '127.0.0.1' }])
})
