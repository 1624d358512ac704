import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { type ProxyHeader, readProxyHeader } from '@reliw/http'
import { createCertificate, portOf, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { ask, writeRequest } from './answer.ts'
import { openClient, type ProxyOptions, startProxy, stateOf } from './app.ts'

const HOST = 'shop.test'

interface ProxiedOrigin {
  port: number
  /** The headers of the connections, in order. */
  headers: Exclude<ProxyHeader, string>[]
}

/** Starts an origin that reads a PROXY header on each connection, before TLS, and answers with the client's address. */
async function startOrigin(t: Test, isTls = false): Promise<ProxiedOrigin> {
  const headers: ProxiedOrigin['headers'] = []
  const addresses = new Map<number, string>()
  const serve: RequestListener = async (request, response) => {
    await text(request)
    response.end(`${addresses.get(request.socket.remotePort ?? 0)} `)
  }
  const server = isTls
    ? createHttpsServer(await createCertificate(['127.0.0.1']), serve)
    : createHttpServer(serve)
  const front = createServer((socket) => {
    let bytes = Buffer.alloc(0)
    const read = (): void => {
      const chunk = socket.read() as Buffer | null
      if (chunk === null) return
      bytes = Buffer.concat([bytes, chunk])
      const header = readProxyHeader(bytes)
      if (header === 'partial') return
      if (typeof header === 'string') return void socket.destroy()
      headers.push(header)
      addresses.set(socket.remotePort ?? 0, header.source?.address ?? 'local')
      socket.off('readable', read)
      if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length))
      server.emit('connection', socket)
    }
    socket.on('readable', read).on('error', () => undefined)
  })
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  t.teardown(() => {
    front.close()
    server.closeAllConnections()
  })
  return { port: portOf(front), headers }
}

/** Takes the client's address from a header of the test. */
const known: ProxyOptions['known'] = ({ headers }) => ({ clientIp: String(headers['x-client']) })

const askAs = async (port: number, client: string, method = 'GET') =>
  ask(port, { host: HOST, method, headers: [`X-Client: ${client}`] })

for (const version of ['v1', 'v2'] as const)
  t.test(`${version}: every connection begins with the client, and is not shared`, async (t) => {
    const origin = await startOrigin(t)
    const upstream = { target: `127.0.0.1:${origin.port}`, send_proxy: version }
    const proxy = await startProxy(t, { [HOST]: upstream }, { known })
    for (const client of ['192.0.2.1', '2001:db8::2', '192.0.2.1', '192.0.2.1', '2001:db8::2']) {
      const { status, body } = await askAs(proxy.port, client)
      t.equal(status, 200)
      t.match(body, new RegExp(`^${client} `))
    }
    t.match(
      origin.headers.map(({ source }) => source?.address),
      ['192.0.2.1', '2001:db8::2'],
      'a client gets its own connections again'
    )
    const asking = Array.from({ length: 40 }, (_, at) =>
      askAs(proxy.port, `192.0.2.${at % 20}`, 'POST')
    )
    for (const [at, { body }] of (await Promise.all(asking)).entries())
      t.match(body, new RegExp(`^192\\.0\\.2\\.${at % 20} `))
  })

t.test(
  'a client that connects itself is named with its port, one connection per connection',
  async (t) => {
    const origin = await startOrigin(t)
    const upstream = { target: `127.0.0.1:${origin.port}`, send_proxy: 'v2' } as const
    const proxy = await startProxy(t, { [HOST]: upstream })
    const ports: number[] = []
    for (let clients = 0; clients < 2; clients++) {
      const socket = connect(proxy.port, '127.0.0.1')
      t.teardown(() => socket.destroy())
      for (let requests = 0; requests < 3; requests++) {
        socket.write(writeRequest({ host: HOST }, 'keep-alive'))
        await once(socket, 'data')
      }
      ports.push(socket.localPort ?? 0)
    }
    t.same(
      origin.headers.map(({ source }) => source?.port),
      ports
    )
  }
)

t.test('few connections serve many clients in turn, and idle ones make room', async (t) => {
  const origin = await startOrigin(t)
  const target = `127.0.0.1:${origin.port}`
  const upstream = { target, send_proxy: 'v1', connections: 2, max_pending: 50 } as const
  const proxy = await startProxy(t, { [HOST]: upstream }, { known })
  const asking = Array.from({ length: 40 }, (_, at) => askAs(proxy.port, `192.0.2.${at}`))
  for (const [at, { status, body }] of (await Promise.all(asking)).entries()) {
    t.equal(status, 200)
    t.match(body, new RegExp(`^192\\.0\\.2\\.${at} `))
  }
  await waitFor(() => stateOf(proxy, HOST).active === 0, 'the end')
  t.ok(stateOf(proxy, HOST).idle <= 2)
})

t.test('the header comes before TLS; upgrades, uploads and failures have one, too', async (t) => {
  const secure = await startOrigin(t, true)
  const target = `https://127.0.0.1:${secure.port}`
  const upgrading = await startOrigin(t)
  const proxy = await startProxy(
    t,
    {
      [HOST]: { target, send_proxy: 'v2', tls_insecure: true },
      'ws.test': { target: `127.0.0.1:${upgrading.port}`, send_proxy: 'v1' },
      'none.test': { target: '127.0.0.1:1', send_proxy: 'v1', connections: 1, retry: false }
    },
    { known }
  )
  t.match((await askAs(proxy.port, '192.0.2.3')).body, /^192\.0\.2\.3 /)
  const headers = ['X-Client: 192.0.2.4', 'Upgrade: echo', 'Connection: Upgrade']
  t.equal((await ask(proxy.port, { host: 'ws.test', headers })).status, 200)
  t.match(upgrading.headers[0]?.source, { address: '192.0.2.4' })
  const client = openClient(t, proxy)
  client.write(
    `POST / HTTP/1.1\r\nHost: ${HOST}\r\nX-Client: 192.0.2.5\r\nContent-Length: 100000\r\n\r\n`
  )
  client.write('x'.repeat(90_000))
  await waitFor(() => secure.headers.length === 2, 'the upload')
  client.write('x'.repeat(10_000))
  t.match(await client.read('192.0.2.5 '), /200 OK/)
  for (let requests = 0; requests < 3; requests++)
    t.equal((await ask(proxy.port, { host: 'none.test' })).status, 502)
  t.match(stateOf(proxy, 'none.test'), { active: 0, pending: 0, uploads: 0 })
})

t.test('health checks are connections of the server itself', async (t) => {
  for (const version of ['v1', 'v2'] as const) {
    const origin = await startOrigin(t)
    const target = `127.0.0.1:${origin.port}`
    const upstream = { target, send_proxy: version, health: { path: '/', interval: '50ms' } }
    const proxy = await startProxy(t, { [HOST]: upstream }, { known })
    await askAs(proxy.port, '192.0.2.9')
    await waitFor(() => origin.headers.length > 2, 'checks')
    const [client, ...checks] = origin.headers.toSorted((a, b) => b.length - a.length)
    t.match(client?.source, { address: '192.0.2.9' })
    for (const { source } of checks) t.notOk(source?.address)
  }
})
