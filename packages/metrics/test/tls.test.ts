import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createSecureContext, type ConnectionOptions, type SecureVersion } from 'node:tls'
import { type Certificate, createAuthority, portOf, rawRequest, waitFor } from '@reliw/testing'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { metrics } from '../src/index.ts'
import type { Exposition } from './exposition.ts'
import { requestOf, scrapeOf } from './metered-app.ts'

const HANDSHAKES = 'reliw_tls_handshakes_total'
const FAILURES = 'reliw_tls_handshake_failures_total'
const EXPIRY = 'reliw_tls_certificate_expiry_timestamp_seconds'
const DAY = 86_400_000

const authority = await createAuthority()

/** Starts an https server whose certificate is for a.example; others are chosen by `sni`. */
async function startTls(t: Test, sni: Record<string, Certificate> = {}) {
  const to = new Date(Date.now() + 30 * DAY)
  const own = await authority.issue(['a.example', 'www.a.example'], { to })
  const app = Fastify({
    https: {
      ...own,
      minVersion: 'TLSv1.2',
      SNICallback(name, done) {
        const other = sni[name]
        done(null, other && createSecureContext(other))
      }
    }
  })
  t.teardown(() => app.close())
  await app.register(metrics, { port: 0 })
  app.get('/', async () => 'served')
  await app.listen({ port: 0, host: '127.0.0.1' })
  const url = (await app.metrics.listen()) ?? ''
  const scrape = async (): Promise<Exposition> => scrapeOf(url)
  const port = portOf(app.server)

  /** Asks once, and resolves to the protocol. */
  async function send(servername = 'a.example', options: ConnectionOptions = {}) {
    const socket = connect({ port, host: '127.0.0.1', ca: authority.cert, servername, ...options })
    await once(socket, 'secureConnect')
    const protocol = socket.getProtocol()
    socket.end(requestOf({ host: servername }))
    await once(socket.resume(), 'end')
    return protocol
  }
  return { app, send, own, port, scrape, url }
}

function secondsOf({ cert }: Certificate): number {
  return new X509Certificate(cert).validToDate.getTime() / 1000
}

t.test('handshakes are counted by protocol, and with them the connections', async (t) => {
  const { send, scrape } = await startTls(t)
  t.equal((await scrape()).value(FAILURES), 0)
  const versions: SecureVersion[] = ['TLSv1.2', 'TLSv1.3', 'TLSv1.3']
  for (const version of versions) {
    const protocol = await send('a.example', { minVersion: version, maxVersion: version })
    t.equal(protocol, version)
  }
  const read = await scrape()
  t.equal(read.value(HANDSHAKES, { protocol: 'TLSv1.2' }), 1)
  t.equal(read.value(HANDSHAKES, { protocol: 'TLSv1.3' }), 2)
  t.equal(read.value('reliw_connections_accepted_total'), 3)
})

t.test('handshakes that fail are counted', async (t) => {
  const { send, port, scrape } = await startTls(t)
  await rawRequest(port, requestOf(), { end: true }).catch(() => undefined)
  await waitFor(async () => (await scrape()).value(FAILURES) === 1, 'the first one')
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const
  await t.rejects(send('a.example', old))
  await waitFor(async () => (await scrape()).value(FAILURES) === 2, 'the second one')
  t.equal((await scrape()).value(HANDSHAKES), undefined)
})

t.test('certificates are shown with their ends once clients have seen them', async (t) => {
  const other = await authority.issue(['b.example'], { to: new Date(Date.now() + DAY) })
  const { send, own, scrape, url } = await startTls(t, { 'b.example': other })
  t.equal((await scrape()).value(EXPIRY), undefined)
  await send()
  await send('b.example')
  const read = await scrape()
  t.equal(read.value(EXPIRY, { certificate: 'a.example' }), secondsOf(own))
  t.equal(read.value(EXPIRY, { certificate: 'b.example' }), secondsOf(other))
  const { certificates } = (await (await fetch(`${url}/status`)).json()) as Record<string, unknown>
  t.strictSame(certificates, [
    { name: 'a.example', expires: new Date(secondsOf(own) * 1000).toISOString() },
    { name: 'b.example', expires: new Date(secondsOf(other) * 1000).toISOString() }
  ])
})

t.test('a certificate that was renewed is shown as it is now', async (t) => {
  const { app, send, own, scrape } = await startTls(t)
  await send()
  t.equal((await scrape()).value(EXPIRY), secondsOf(own))
  const renewed = await authority.issue(['a.example'], { to: new Date(Date.now() + 90 * DAY) })
  app.server.setSecureContext(renewed)
  await send()
  t.equal((await scrape()).value(EXPIRY), secondsOf(renewed))
})

t.test('names that clients request add no series', async (t) => {
  const { send, scrape } = await startTls(t)
  await send()
  for (let n = 0; n < 100; n++) {
    await send(`n${n}.example`, { checkServerIdentity: () => undefined })
  }
  const read = await scrape()
  t.equal(read.value(HANDSHAKES), 101)
  t.equal(read.samples(HANDSHAKES).length, 1)
  t.strictSame(read.labels(EXPIRY, 'certificate'), ['a.example'])
  t.strictSame(read.labels('reliw_request_duration_seconds_count', 'host'), ['unknown'])
})

t.test('names of certificates are bounded, and hostile ones harmless', async (t) => {
  const sni: Record<string, Certificate> = {
    evil: await authority.issue(['x"} 1\nevil{y="']),
    long: await authority.issue([`${'a'.repeat(500)}.example`]),
    address: await authority.issue(['192.0.2.1'])
  }
  const { send, scrape } = await startTls(t, sni)
  for (const name of Object.keys(sni)) await send(name, { checkServerIdentity: () => undefined })
  const read = await scrape()
  t.equal(read.samples(EXPIRY).length, 3)
  t.ok(read.labels(EXPIRY, 'certificate').includes('192.0.2.1'))
})

t.test('a server without TLS has no families about it', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(metrics, { port: 0 })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const read = await scrapeOf((await app.metrics.listen()) ?? '')
  t.equal(read.value(FAILURES), undefined)
})
