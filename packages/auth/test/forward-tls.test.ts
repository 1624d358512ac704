import { once } from 'node:events'
import { createServer } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import t, { type Test } from 'tap'
import { createAuthority, portOf, waitFor, type Certificate } from '@reliw/testing'
import { respondsWith, forwardAuth, requestFrom, startAuth } from './forward-fixtures.ts'

const HOUR = 3_600_000
const trusted = await createAuthority('trusted')
const stranger = await createAuthority('stranger')

// As NODE_EXTRA_CA_CERTS would, before anything asks by TLS.
setDefaultCACertificates([...getCACertificates('default'), trusted.cert])

async function send(t: Test, certificate: Certificate, host = '127.0.0.1') {
  const { server } = await startAuth(
    t,
    respondsWith(200, 'Remote-User: alice'),
    {},
    { tls: certificate }
  )
  const auth = forwardAuth(t, `https://${host}:${server.port}/verify`)
  return { auth, server, decision: await auth.authorize(requestFrom()) }
}

t.test('a server with a valid certificate is used, by address and by name', async (t) => {
  for (const host of ['127.0.0.1', 'localhost']) {
    const { auth, server, decision } = await send(t, await trusted.issue([host]), host)
    t.match(decision, { kind: 'allowed', identity: { user: 'alice' } }, host)
    await auth.authorize(requestFrom())
    t.equal(server.accepted, 1, 'the connection is kept')
  }
})

t.test('the name is sent as SNI, an address is not', async (t) => {
  for (const [host, sni] of [
    ['localhost', 'localhost'],
    ['127.0.0.1', undefined]
  ] as const) {
    const names: (string | undefined)[] = []
    const certificate = await trusted.issue([host])
    const tls = {
      ...certificate,
      SNICallback: (name: string, done: (error: null) => void) => {
        names.push(name)
        done(null)
      }
    }
    const { decision } = await send(t, tls, host)
    t.equal(decision.kind, 'allowed')
    t.same(names, sni === undefined ? [] : [sni])
  }
})

t.test('no request is sent to a server without a valid certificate', async (t) => {
  const now = Date.now()
  const past = { from: new Date(now - 2 * HOUR), to: new Date(now - HOUR) }
  const future = { from: new Date(now + HOUR), to: new Date(now + 2 * HOUR) }
  const cases: readonly (readonly [code: string, certificate: Certificate])[] = [
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', await stranger.issue(['127.0.0.1'])],
    ['ERR_TLS_CERT_ALTNAME_INVALID', await trusted.issue(['127.0.0.2'])],
    ['ERR_TLS_CERT_ALTNAME_INVALID', await trusted.issue(['auth.example'])],
    ['CERT_HAS_EXPIRED', await trusted.issue(['127.0.0.1'], past)],
    ['CERT_NOT_YET_VALID', await trusted.issue(['127.0.0.1'], future)]
  ]
  for (const [code, certificate] of cases) {
    const { server, decision } = await send(t, certificate)
    t.same(decision, { kind: 'failed', reason: `request to the auth server failed: ${code}` })
    t.equal(server.requests.length, 0)
  }
})

t.test('the environment cannot switch verification off', async (t) => {
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  t.teardown(() => {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
  })
  // Node warns of it, which is none of this test's business.
  process.removeAllListeners('warning')
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  const { server, decision } = await send(t, await stranger.issue(['127.0.0.1']))
  t.equal(decision.kind, 'failed')
  t.equal(server.requests.length, 0)
})

t.test('a server that does not speak TLS has failed', async (t) => {
  const plain = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  })
  t.teardown(() => plain.close())
  await once(plain.listen(0, '127.0.0.1'), 'listening')
  const auth = forwardAuth(t, `https://127.0.0.1:${portOf(plain)}/`)
  t.match(await auth.authorize(requestFrom()), {
    kind: 'failed',
    reason: /^request to the auth server failed: (?:EPROTO|ERR_SSL_[A-Z_]+)$/
  })
})

t.test('a server that never ends the handshake has failed', async (t) => {
  const { server } = await startAuth(t, respondsWith(200))
  const auth = forwardAuth(t, `https://127.0.0.1:${server.port}/`, { timeout: 50 })
  t.same(await auth.authorize(requestFrom()), {
    kind: 'failed',
    reason: 'the auth server took longer than 50 ms'
  })
  await waitFor(() => server.connections === 0, 'the connection to close')
})
