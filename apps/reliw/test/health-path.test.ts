import { openRaw, rawRequest } from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

const PATH = '/-/health'
const METRICS = { metrics: { port: 0, health_path: PATH } }

const get = (path: string, fields = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n${fields}\r\n`

test('health checks are answered for every client, banned or not', async (t) => {
  const { port, line, set } = await startServer(t, { 'BANS:127.0.0.1': {} }, METRICS)
  t.match(await rawRequest(port, get('/')), /^HTTP\/1\.1 403 /)
  t.match(await rawRequest(port, get(`${PATH}/livez`)), /^HTTP\/1\.1 200 [^]*{"status":"alive"}$/)
  t.match(await rawRequest(port, get(`${PATH}/readyz?x`)), /^HTTP\/1\.1 200 [^]*"ready"}$/)
  t.match(await line({ path: `${PATH}/livez` }), { status: 200, client_ip: '127.0.0.1' })
  t.match(await rawRequest(port, get(`${PATH}/status`)), /^HTTP\/1\.1 403 /, 'the rest is refused')
  const post = get(`${PATH}/livez`).replace('GET', 'POST')
  t.match(await rawRequest(port, post), /^HTTP\/1\.1 403 /)
  await set('BANS:127.0.0.1', undefined)
})

test('rate limits and firewall rules do not apply to health checks', async (t) => {
  const { port } = await startServer(
    t,
    { WAF: { __: JSON.stringify({ query: ['health'] }) } },
    { ...METRICS, rate_limits: [{ name: 'none', limit: 0, period: '1h', scope: 'global' }] }
  )
  t.match(await rawRequest(port, get('/')), /^HTTP\/1\.1 429 /)
  for (let n = 0; n < 3; n++)
    t.match(await rawRequest(port, get(`${PATH}/readyz`)), /^HTTP\/1\.1 200 /)
  t.match(await rawRequest(port, `HEAD ${PATH}/livez HTTP/1.0\r\n\r\n`), /^HTTP\/1\.1 200 /)
})

test('security: a body that it does not read ends the connection', async (t) => {
  const { port } = await startServer(t, {}, METRICS)
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  const head = `GET ${PATH}/livez HTTP/1.1\r\nHost: a.example\r\n`
  client.write(`${head}Content-Length: 1000\r\n\r\nx`)
  t.match(await client.readToEnd(), /^HTTP\/1\.1 200 [^]*connection: close\r\n/i)
})
