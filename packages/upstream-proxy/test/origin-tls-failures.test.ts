import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TlsOptions } from 'node:tls'
import type { UpstreamInput } from '@reliw/model'
import {
  createAuthority,
  respond,
  startOrigin,
  tempDir,
  waitFor,
  type Authority,
  type Certificate
} from '@reliw/testing'
import { test } from 'tap'
import { ask } from './answer.ts'
import { matchRefusal, matchRest, startProxy } from './app.ts'
import { listenRaw } from './connect-to.ts'
import { recordEvents } from './recorded-events.ts'

const HOST = 'shop.test'
const ONCE: UpstreamInput = { retry: false, circuit_breaker: false }
const DAY = 86_400_000
const daysFromNow = (days: number): Date => new Date(Date.now() + days * DAY)

const ours = await createAuthority('ours')
const theirs = await createAuthority('theirs')
const cafile = join(tempDir(), 'ca.pem')
writeFileSync(cafile, ours.cert)

const issue = (authority: Authority, name: string, from = -1, to = 1): Promise<Certificate> =>
  authority.issue([name], { from: daysFromNow(from), to: daysFromNow(to) })

test('a certificate that our authority vouches for is good', async (t) => {
  const origin = await startOrigin(t, respond('ok'), { tls: await issue(ours, '127.0.0.1') })
  const upstream = { target: origin.url, tls_cafile: cafile, ...ONCE }
  const proxy = await startProxy(t, { [HOST]: upstream })
  t.match(await ask(proxy.port, { host: HOST }), { status: 200, body: 'ok' })
  t.match(await ask(proxy.port, { host: HOST, method: 'POST', body: 'x' }), { status: 200 })
  t.equal(origin.accepted, 1)
  t.same(proxy.log, [])
  await matchRest(t, proxy, origin)
})

for (const [what, certificate] of Object.entries({
  'another name': await issue(ours, 'other.test'),
  'an earlier time': await issue(ours, '127.0.0.1', -2, -1),
  'a later time': await issue(ours, '127.0.0.1', 1, 2),
  'an authority that is not ours': await issue(theirs, '127.0.0.1')
})) {
  test(`a certificate of ${what} is refused, unless nothing is verified`, async (t) => {
    const origin = await startOrigin(t, respond('ok'), { tls: certificate })
    const events = recordEvents(t, HOST)
    const settings = { target: origin.url, ...ONCE }
    const proxy = await startProxy(t, {
      [HOST]: { ...settings, tls_cafile: cafile },
      'old.test': { ...settings, tls_insecure: true }
    })
    matchRefusal(t, await ask(proxy.port, { host: HOST }), 502, origin)
    matchRefusal(t, await ask(proxy.port, { host: HOST, method: 'POST', body: 'x' }), 502, origin)
    t.equal(origin.requests.length, 0, 'it gets nothing to read')
    t.match(events.attempt, [{ failure: 'tls' }, { failure: 'tls' }])
    t.same(
      proxy.log.filter(({ msg }) => /not verified/.test(String(msg))),
      []
    )
    for (let times = 0; times < 3; times += 1) {
      t.match(await ask(proxy.port, { host: 'old.test' }), { status: 200, body: 'ok' })
    }
    const warnings = proxy.log.filter(({ msg }) => /not verified/.test(String(msg)))
    t.match(warnings, [{ level: 40, upstream: { name: 'old.test' } }])
    t.equal(warnings.length, 1, 'said once')
    await matchRest(t, proxy, origin)
  })
}

test('TLS with an origin that speaks none is a bad gateway', async (t) => {
  const origin = await listenRaw(t, (socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'))
  })
  const target = `https://127.0.0.1:${origin.port}`
  const proxy = await startProxy(t, { [HOST]: { target, tls_insecure: true, ...ONCE } })
  matchRefusal(t, await ask(proxy.port, { host: HOST }), 502, origin)
  await waitFor(() => origin.open() === 0, 'the end of the connection')
  await matchRest(t, proxy)
})

test('an origin that speaks TLS is a bad gateway without it', async (t) => {
  const origin = await startOrigin(t, respond('ok'), { tls: await issue(ours, '127.0.0.1') })
  const target = `http://127.0.0.1:${origin.port}`
  const proxy = await startProxy(t, { [HOST]: { target, ...ONCE } })
  matchRefusal(t, await ask(proxy.port, { host: HOST }), 502, origin)
  t.equal(origin.requests.length, 0)
  await matchRest(t, proxy, origin)
})

test('a handshake that does not come to an end is a timeout of the gateway', async (t) => {
  const origin = await listenRaw(t)
  const target = `https://127.0.0.1:${origin.port}`
  const upstream = { target, tls_handshake_timeout: 0.1, ...ONCE }
  const proxy = await startProxy(t, { [HOST]: upstream })
  matchRefusal(t, await ask(proxy.port, { host: HOST }), 504, origin)
  await waitFor(() => origin.open() === 0, 'the end of the connection')
  await matchRest(t, proxy)
})

for (const [what, tls] of Object.entries({
  'a version that is too old': { maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
  'a client certificate': { requestCert: true, rejectUnauthorized: true, ca: ours.cert }
} satisfies Record<string, TlsOptions>)) {
  test(`an origin that wants ${what} is a bad gateway`, async (t) => {
    const certificate = await issue(ours, '127.0.0.1')
    const origin = await startOrigin(t, respond('ok'), { tls: { ...certificate, ...tls } })
    const upstream = { target: origin.url, tls_cafile: cafile, ...ONCE }
    const proxy = await startProxy(t, { [HOST]: upstream })
    matchRefusal(t, await ask(proxy.port, { host: HOST }), 502, origin)
    t.equal(origin.requests.length, 0)
    await matchRest(t, proxy, origin)
  })
}

test('an authority’s file that is not there is a bad gateway until it is', async (t) => {
  const origin = await startOrigin(t, respond('ok'), { tls: await issue(ours, '127.0.0.1') })
  const later = join(tempDir(t), 'later.pem')
  const upstream = { target: origin.url, tls_cafile: later, ...ONCE }
  const proxy = await startProxy(t, { [HOST]: upstream })
  const answer = await ask(proxy.port, { host: HOST })
  matchRefusal(t, answer, 502, origin)
  t.notMatch(answer.body, /later\.pem/)
  t.match(JSON.stringify(proxy.log), /later\.pem/, 'the log says what is wrong')
  writeFileSync(later, ours.cert)
  t.match(await ask(proxy.port, { host: HOST }), { status: 200, body: 'ok' })
  await matchRest(t, proxy, origin)
})
