import { tempDir, waitFor } from '@reliw/testing'
import t from 'tap'
import { openFor, put } from './bans-contract.ts'
import { buildApp } from './limited-app.ts'

t.test('a banned client gets 403, even for an invalid request', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  const { app, send } = await buildApp(t, { store, max_uri_length: 100, allow: ['192.0.2.9'] })
  await put(store, '192.0.2.0/24')
  await waitFor(() => app.limits.bans?.list.has('192.0.2.1') === true, 'the ban')
  const bad = [{ url: '/a%2fb' }, { host: 'a b' }, { url: `/${'x'.repeat(200)}` }]
  for (const requested of bad) {
    const { status, headers } = await send(requested)
    t.equal(status, 403)
    t.equal(headers['connection'], 'close')
  }
  t.same(
    await Promise.all(
      bad.map(async (requested) => (await send({ ...requested, ip: '198.51.100.1' })).status)
    ),
    [400, 400, 414]
  )
  t.equal((await send({ url: '/a%2fb', ip: '192.0.2.9' })).status, 400, 'an allowed client')
})

t.test('a trusted proxy is not banned for its own requests', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  const { app, send } = await buildApp(t, {
    store,
    trusted_proxies: ['192.0.2.1'],
    auto_ban: { not_found: { threshold: 2, window: '1m', duration: '1h' } }
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).send('not found'))
  const missing = { method: 'PROPFIND' as 'GET' }
  for (let n = 0; n < 5; n++) t.equal((await send(missing)).status, 404)
  // A client behind it comes up to the threshold: when that is written, all before was counted.
  const client = { ...missing, headers: { 'x-forwarded-for': '203.0.113.5' } }
  await waitFor(async () => (await send(client)).status === 403, 'the client to be banned')
  t.equal(app.limits.bans?.list.has('192.0.2.1'), false)
  t.equal((await send(missing)).status, 404)
})
