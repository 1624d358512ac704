import { once } from 'node:events'
import { createServer } from 'node:net'
import {
  openRaw,
  portOf,
  rawRequest,
  type RawClient,
  type TestContext,
  waitFor
} from '@reliw/testing'
import Fastify from 'fastify'
import t from 'tap'
import { metrics } from '../src/index.ts'
import { largeRegistry } from './large-registry.ts'
import { startMetered } from './metered-app.ts'

function open(t: TestContext, port: number): RawClient {
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  return client
}

const get = (path: string, method = 'GET'): string =>
  `${method} ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
const portIn = (url: string): number => Number(new URL(url).port)

t.test('unknown paths are not found', async (t) => {
  const { url } = await startMetered(t)
  const paths = [
    '/',
    '/metric',
    '/metrics/',
    '//metrics',
    '/metrics/x',
    '/METRICS',
    '/%6detrics',
    '/__proto__',
    '/constructor',
    '/toString'
  ]
  for (const path of paths) {
    const response = await fetch(`${url}${path}`)
    t.equal(response.status, 404, path)
    t.equal(await response.text(), 'Not Found\n')
  }
  const port = portIn(url)
  for (const target of ['*', 'http://x/metrics', 'metrics']) {
    const response = await rawRequest(port, get(target), { until: '\r\n\r\n' })
    t.match(response, /^HTTP\/1.1 40[04] /, target)
  }
})

t.test('a query string changes nothing', async (t) => {
  const { url } = await startMetered(t)
  for (const path of ['/metrics?x=1', '/metrics?', '/livez?verbose']) {
    const response = await fetch(`${url}${path}`)
    t.equal(response.status, 200, path)
    await response.text()
  }
})

t.test('methods other than GET and HEAD are not allowed, and their bodies not read', async (t) => {
  const { url } = await startMetered(t)
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    const body = method === 'POST' ? 'x'.repeat(1_000_000) : null
    const response = await fetch(`${url}/metrics`, { method, body })
    t.equal(response.status, 405, method)
    t.equal(response.headers.get('allow'), 'GET, HEAD')
    t.equal(await response.text(), 'Method Not Allowed\n')
    if (body !== null) t.equal(response.headers.get('connection'), 'close')
  }
  const missing = await fetch(`${url}/nothing`, { method: 'POST' })
  t.equal(missing.status, 404)
  await missing.text()
})

t.test('HEAD has the head of the response, and no body', async (t) => {
  const { url } = await startMetered(t)
  const port = portIn(url)
  for (const path of ['/metrics', '/livez', '/readyz', '/status']) {
    const client = open(t, port)
    client.write(`${get(path, 'HEAD')}${get('/nothing')}`)
    const head = await client.read('\r\n\r\n')
    t.match(head, /^HTTP\/1.1 200 OK\r\n/, path)
    t.match(head, /^content-type: /im)
    t.match(await client.read('Not Found'), /^HTTP\/1.1 404/, 'the next response follows at once')
  }
})

t.test('an invalid request gets 400, and affects no other client', async (t) => {
  const { scrape, url } = await startMetered(t)
  const port = portIn(url)
  const garbage = [
    '\0\x01\x02\xFF\r\n\r\n',
    'GET\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03',
    'GET /metrics HTTP/9.9\r\nHost: x\r\n\r\n',
    `GET /metrics HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`
  ]
  for (const bytes of garbage) {
    t.match(await rawRequest(port, bytes, { end: true }), /^HTTP\/1.1 4\d\d /, bytes.slice(0, 10))
  }
  t.equal((await scrape()).value('reliw_processes'), 1)
})

t.test('connections beyond 64 are closed, until others have ended', async (t) => {
  const { scrape, url } = await startMetered(t)
  const port = portIn(url)
  const clients: RawClient[] = []
  for (let n = 0; n < 64; n++) {
    const client = open(t, port)
    client.write(get('/livez'))
    await client.read('alive')
    clients.push(client)
  }
  const late = open(t, port)
  late.write(get('/livez'))
  t.equal(await late.readToEnd(), '')
  for (const client of clients) client.destroy()
  await waitFor(scrape, 'room')
})

t.test('a client that does not read a large scrape delays no other', async (t) => {
  const { scrape, url } = await startMetered(t, { registry: largeRegistry(100_000) })
  const port = portIn(url)
  const slow = Array.from({ length: 5 }, () => open(t, port))
  for (const client of slow) {
    client.socket.pause()
    client.write(get('/metrics'))
  }
  const read = await scrape()
  t.equal(read.samples('large').length, 100_000)
  t.equal((await fetch(`${url}/livez`)).status, 200)
})

t.test('a client that disconnects during a scrape affects no other', async (t) => {
  const { scrape, url } = await startMetered(t, { registry: largeRegistry(50_000) })
  const port = portIn(url)
  for (let n = 0; n < 10; n++) {
    const client = open(t, port)
    client.write(get('/metrics'))
    await client.read('large')
    client.socket.resetAndDestroy()
    await client.closed
  }
  const read = await scrape()
  t.equal(read.samples('large').length, 50_000)
  t.equal(read.value('reliw_metrics_failures_total'), 0)
})

t.test('an address in use is reported, and the app continues', async (t) => {
  const taken = createServer()
  t.teardown(() => taken.close())
  await once(taken.listen(0, '127.0.0.1'), 'listening')
  const { app, send } = await startMetered(t)
  const other = Fastify()
  t.teardown(() => other.close())
  await other.register(metrics, { port: portOf(taken) })
  await other.ready()
  await t.rejects(other.metrics.listen(), { code: 'EADDRINUSE' })
  await t.rejects(app.metrics.listen(), 'it listens already')
  t.match(await send(), /^HTTP\/1.1 200 /)
  await other.close()
})

t.test('closing the app closes the listener, whoever is connected to it', async (t) => {
  const { app, url } = await startMetered(t)
  const client = open(t, portIn(url))
  client.write('GET /metrics HTTP/1.1\r\n')
  await fetch(`${url}/livez`).then((response) => response.text())
  await app.close()
  t.equal(await client.readToEnd(), '')
  await t.rejects(fetch(`${url}/livez`))
})

t.test('IPv6 addresses are listened on, and written as URLs have them', async (t) => {
  const { url } = await startMetered(t, { ip: '::1' })
  t.match(url, /^http:\/\/\[::1\]:\d+$/)
  t.equal((await fetch(`${url}/livez`)).status, 200)
})

t.test('nothing listens and nothing counts where metrics are disabled', async (t) => {
  const { app, send } = await startMetered(t, { disabled: true })
  t.equal(await app.metrics.listen(), undefined)
  t.match(await send(), /^HTTP\/1.1 200 /)
  t.strictSame(await app.metrics.snapshot(), [])
})

t.test('security: a page whose own name leads to the listener reads nothing', async (t) => {
  const { url } = await startMetered(t, { hosts: ['Node1.Example.net'] })
  const port = portIn(url)
  const send = async (path: string, host: string): Promise<string> =>
    rawRequest(port, `GET ${path} HTTP/1.0\r\n${host}\r\n`)
  for (const host of ['rebind.example', 'rebind.example:9101', '127.0.0.1.example', 'a b', '127.1'])
    for (const path of ['/metrics', '/status', '/livez', '/x']) {
      const response = await send(path, `Host: ${host}\r\n`)
      t.match(response, /^HTTP\/1\.1 421 /, host)
      t.notMatch(response, /reliw_|status":/)
    }
  const names = [
    '127.0.0.1',
    '[::1]:9101',
    'localhost:9101',
    'a.localhost',
    'reliw:9101',
    '192.0.2.7'
  ]
  for (const host of [...names, 'node1.example.net', 'NODE1.example.net.:9101'])
    t.match(await send('/livez', `Host: ${host}\r\n`), /^HTTP\/1\.1 200 /, host)
  t.match(await send('/livez', ''), /^HTTP\/1\.1 200 /, 'without the header')
})
