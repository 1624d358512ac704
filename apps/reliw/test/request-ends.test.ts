import { openRaw, type RawClient, startOrigin, type TestContext, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { type Server, startServer } from './start-server.ts'

interface Setup extends Server {
  /** What the metrics say of requests in flight. */
  inFlight: () => Promise<number>
}

/** A server with a page, an upstream that never answers at /silent, and room for 200 requests. */
async function start(t: TestContext): Promise<Setup> {
  const silent = await startOrigin(t, () => undefined)
  const methods = { GET: true }
  const server = await startServer(
    t,
    {
      'API:a.example': [
        ['^/silent', 'silent'],
        ['^/', 'page']
      ],
      'API:a.example:silent': { methods, proxy: { target: silent.url } },
      'API:a.example:page': { methods },
      'FILES:a.example:/page.txt': { content: 'a page' }
    },
    { max_concurrent_requests: 200, metrics: { port: 0 } }
  )
  const metrics = await server.app.metrics.listen()
  const inFlight = async (): Promise<number> => {
    const text = await (await fetch(`${metrics}/metrics`)).text()
    return Number(/^reliw_requests_in_flight (\d+)$/m.exec(text)?.[1])
  }
  return { ...server, inFlight }
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`
}

const CONNECT = 'CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n'

for (const [what, end] of Object.entries<(client: RawClient, server: Server) => void>({
  'a reset': (client) => client.socket.resetAndDestroy(),
  'the end of its connection': (client) => client.destroy(),
  'malformed bytes and the end': (client) => {
    client.write('no request\r\n\r\n')
    client.destroy()
  },
  'CONNECT and the end': (client) => {
    client.write(CONNECT)
    client.destroy()
  },
  'an upgrade and the end': (client) => {
    client.write(get('/').replace('\r\n\r\n', '\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'))
    client.destroy()
  },
  'the server closing all connections': (_client, { app }) => app.listeners.closeAllConnections()
})) {
  test(`a request ends once by ${what}, and requests behind it never began`, async (t) => {
    const server = await start(t)
    const { app, port, log, line, inFlight } = server
    const client = openRaw(port)
    t.teardown(() => client.destroy())
    client.write(get('/page.txt') + get('/silent') + get('/page.txt').repeat(50))
    await client.read('a page')
    await waitFor(async () => (await inFlight()) === 1, 'the second request')
    end(client, server)
    await line({ path: '/silent', aborted: true })
    await waitFor(async () => (await inFlight()) === 0, 'the end of it')
    t.equal(app.limits.concurrency.total, 0)
    t.equal(log.filter(({ msg }) => msg === 'request').length, 2)
  })
}

test('CONNECT is answered 501 in its turn, and has a line in the log', async (t) => {
  const { port, log, line, inFlight } = await start(t)
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  client.write(get('/page.txt').repeat(205) + CONNECT)
  for (let n = 0; n < 205; n++) await client.read('a page')
  const response = await client.readToEnd()
  t.match(response, /^HTTP\/1\.1 501 Not Implemented\r\n/)
  client.destroy()
  const { request_id: id } = await line({ method: 'CONNECT', path: 'x:1', status: 501 })
  t.match(response, `x-request-id: ${String(id)}`)
  t.equal(log.filter(({ msg }) => msg === 'request').length, 206)
  await waitFor(async () => (await inFlight()) === 0, 'the end of all')
})
