import { once } from 'node:events'
import { get, type IncomingMessage, type RequestOptions } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { openRaw, rawRequest, tempDir, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { Config } from '../src/config.ts'
import { serverOptions } from '../src/listeners/server-options.ts'
import { type Server, startServer } from './start-server.ts'

const HOST = 'a.example'
const HEAD = `GET /page HTTP/1.1\r\nHost: ${HOST}\r\n`

async function start(t: TestContext, config: Config = {}): Promise<Server> {
  const values = {
    [`API:${HOST}`]: [['^/', 'page']],
    [`API:${HOST}:page`]: { methods: { GET: true } },
    [`FILES:${HOST}:/page`]: { content: 'a page' }
  }
  return startServer(t, values, config)
}

async function ask(where: RequestOptions): Promise<string> {
  const request = get({ ...where, path: '/page', headers: { host: HOST }, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return text(response)
}

async function countConnections({ app }: Server): Promise<number | undefined> {
  const families = await app.metrics.snapshot()
  const accepted = families.find(({ name }) => name === 'reliw_connections_accepted_total')
  return accepted?.samples[0]?.[1] as number | undefined
}

test('addresses with port 0 share a free port', async (t) => {
  const { app } = await start(t)
  const urls = await app.listeners.open(app, [
    { host: '127.0.0.2', port: 0 },
    { host: '127.0.0.3', port: 0 }
  ])
  const [first, second] = urls.map((url) => new URL(url))
  t.match(first, { hostname: '127.0.0.2', port: /^[1-9]/ })
  t.match(second, { hostname: '127.0.0.3', port: first?.port })
})

test('connections to every address are guarded, counted and refused alike', async (t) => {
  const server = await start(t, { max_connections_per_ip: 1, metrics: { port: 0 } })
  const { app, line } = server
  const addresses = ['127.0.0.2', '127.0.0.3'].map((host) => ({ host, port: 0 }))
  const urls = await app.listeners.open(app, addresses)
  for (const { hostname, port } of urls.map((url) => new URL(url))) {
    const counted = (await countConnections(server)) ?? NaN
    const excess = app.limits.connections.excess
    const client = openRaw(Number(port), hostname)
    t.teardown(() => client.destroy())
    client.write(`${HEAD}\r\n`)
    t.match(await client.read('a page'), /^HTTP\/1\.1 200 OK\r\n/)
    t.equal(await rawRequest(Number(port), HEAD, { host: hostname }), '', 'reset')
    t.equal(app.limits.connections.excess, excess + 1)
    t.equal(await countConnections(server), counted + 2)
    client.write('nonsense\r\n\r\n')
    t.match(await client.readToEnd(), /^HTTP\/1\.1 400 Bad Request\r\n/)
  }
  await line({ msg: 'request refused', status: 400 })
})

test('clients of a Unix socket are on this machine, whatever else is listened on', async (t) => {
  const { app, line } = await start(t)
  const socketPath = join(tempDir(t), 'http.sock')
  t.same(await app.listeners.open(app, [{ path: socketPath }]), [socketPath])
  t.equal(await ask({ socketPath }), 'a page')
  t.equal((await line({ msg: 'request' }))['client_ip'], '127.0.0.1')
  connect(socketPath).end('nonsense\r\n\r\n')
  t.equal((await line({ msg: 'request refused' }))['client_ip'], '127.0.0.1')
})

test('draining ends every listener', async (t) => {
  const { app, port } = await start(t)
  const socketPath = join(tempDir(t), 'http.sock')
  await app.listeners.open(app, [{ path: socketPath }])
  await app.close()
  await t.rejects(ask({ socketPath }), { code: 'ENOENT' })
  await t.rejects(ask({ port }), { code: 'ECONNREFUSED' })
})

test('listening on an address in use is an error', async (t) => {
  const { app, port } = await start(t)
  await t.rejects(app.listeners.open(app, [{ host: '127.0.0.1', port }]), { code: 'EADDRINUSE' })
})

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1')
)
test(
  '`ipv6` may be every address beside one of IPv4',
  {
    skip: !hasIpv6 && 'no ::1 here'
  },
  async (t) => {
    const { port } = await start(t, { ip: '0.0.0.0', ipv6: '::' })
    t.equal(await ask({ host: '127.0.0.1', port }), 'a page')
    t.equal(await ask({ host: '::1', port }), 'a page')
  }
)

test('no connection may be idle for ever, whatever the config says', (t) => {
  const settings = Config.parse({ keepalive_idle_timeout: 0 })
  t.equal(serverOptions(settings).keepAliveTimeout, 72_000)
  t.end()
})
