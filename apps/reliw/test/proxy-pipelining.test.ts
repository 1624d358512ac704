import {
  openRaw,
  respond,
  startOrigin,
  waitFor,
  type Origin,
  type TestContext
} from '@reliw/testing'
import { test } from 'tap'
import { type Server, startServer } from './start-server.ts'
import { upgradeRequest } from './websockets.ts'

interface Setup extends Server {
  origin: Origin
  /** Lets the origin answer `/slow`. */
  begin: () => void
}

/** A site with pages, but for /slow and /echo, which an origin answers with their path. */
async function start(t: TestContext): Promise<Setup> {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const origin = await startOrigin(t, async (request, connection) => {
    if (request.target === '/slow') await begun
    await respond(`answer to ${request.target}`)(request, connection)
  })
  const server = await startServer(t, {
    'API:a.example': [
      ['/page.txt', 'page', true],
      ['^/', 'proxy']
    ],
    'API:a.example:page': { methods: { GET: true } },
    'API:a.example:proxy': { methods: { GET: true }, proxy: { target: origin.url } },
    'FILES:a.example:/page.txt': { content: 'a page' }
  })
  return { ...server, origin, begin }
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`
}

test('requests that come at once are answered in their order', async (t) => {
  const { port, origin, begin, line } = await start(t)
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  client.write(get('/slow') + get('/page.txt') + get('/next') + upgradeRequest('/last'))
  await waitFor(() => origin.requests.length === 1, 'the first request')
  begin()
  for (const body of ['answer to /slow', 'a page', 'answer to /next', 'answer to /last']) {
    t.match(await client.read(body), /^HTTP\/1\.1 200 /)
  }
  const last = origin.requests.at(-1)
  t.equal(last?.target, '/last')
  t.equal(last?.header('upgrade'), undefined, 'behind others it is an ordinary request')
  await line({ path: '/last', status: 200 })
})

test('when the client disconnects, waiting requests are not forwarded', async (t) => {
  const { app, port, origin } = await start(t)
  const client = openRaw(port)
  client.write(get('/slow') + get('/next').repeat(100))
  await waitFor(() => origin.requests.length === 1, 'the first request')
  client.destroy()
  await waitFor(() => origin.connections === 0, 'the end of the origin’s connection')
  t.equal(app.upstreams()[0]?.origins[0]?.inFlight, 0)
  t.equal(origin.requests.length, 1)
})
