import t from 'tap'
import { respond, startOrigin } from '@reliw/testing'
import { createProviderFetch, isPlainLoopback } from '../src/oidc/provider-fetch.ts'

const GET = { method: 'GET', headers: {} }
const LOOPBACK = new URL('http://127.0.0.1')

t.test('plain HTTP stays on this machine', async (t) => {
  for (const url of ['http://localhost:1', 'http://127.0.0.1', 'http://127.1', 'http://[::1]:8']) {
    t.ok(isPlainLoopback(new URL(url)), url)
  }
  const others = ['https://localhost', 'http://127.evil.example', 'http://localhost.example']
  for (const url of [...others, 'http://10.0.0.1', 'http://0.0.0.0', 'http://[::ffff:7f00:1]']) {
    t.notOk(isPlainLoopback(new URL(url)), url)
  }
})

t.test(
  'no request without TLS is sent for a provider with TLS, whatever its metadata says',
  async (t) => {
    const origin = await startOrigin(t, respond('{}'))
    const fetch = createProviderFetch(new URL('https://provider.example'), 5000)
    const code = 'OIDC_NOT_HTTPS'
    await t.rejects(fetch(origin.url, GET), { code })
    const local = createProviderFetch(LOOPBACK, 5000)
    await t.rejects(local('http://provider.example', GET), { code })
    t.equal(origin.accepted, 0)
    t.equal((await local(origin.url, GET)).status, 200)
  }
)

t.test('a redirect is returned, not followed', async (t) => {
  const elsewhere = await startOrigin(t, respond('{}'))
  const origin = await startOrigin(t, respond('', { location: elsewhere.url }, 307))
  const response = await createProviderFetch(LOOPBACK, 5000)(origin.url, GET)
  t.equal(response.status, 307)
  t.equal(elsewhere.accepted, 0)
})

t.test('a response has at most 1 MiB', async (t) => {
  const most = 1024 * 1024
  let size = most
  const origin = await startOrigin(t, (request, connection) =>
    respond('x'.repeat(size))(request, connection)
  )
  const fetch = createProviderFetch(LOOPBACK, 5000)
  const response = await fetch(origin.url, GET)
  t.equal((await response.bytes()).length, most)
  size += 1
  await t.rejects(fetch(origin.url, GET), { code: 'OIDC_RESPONSE_TOO_LARGE' })
})

t.test('no connection is used again: it may end while a code is sent', async (t) => {
  const origin = await startOrigin(t, respond('{}'))
  const fetch = createProviderFetch(LOOPBACK, 5000)
  for (const _ of [1, 2, 3]) t.equal((await fetch(origin.url, GET)).status, 200)
  t.equal(origin.accepted, 3)
  t.match(
    origin.requests,
    [1, 2, 3].map(() => ({ method: 'GET' }))
  )
})

t.test('an incomplete response is an error', async (t) => {
  const origin = await startOrigin(t, (_, connection) => {
    connection.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf')
  })
  const fetch = createProviderFetch(LOOPBACK, 5000)
  await t.rejects(fetch(origin.url, GET), { name: 'ProviderUnavailable' })
  await origin.stop()
  const message = 'provider cannot be reached (ECONNREFUSED)'
  await t.rejects(fetch(origin.url, GET), { message })
})
