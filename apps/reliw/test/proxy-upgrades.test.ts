import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { rawRequest, respond, startOrigin, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { type Server, startServer } from './start-server.ts'
import {
  exchange,
  newWebSocket,
  type Opening,
  openWebSocket,
  startEcho,
  upgradeRequest
} from './websockets.ts'

const NOWHERE = '127.0.0.1:1'

/** What is answered instead of an upgrade, to its end. */
async function refusal(
  t: TestContext,
  { port }: Server,
  opening?: Opening
): Promise<{ status: number; headers: IncomingMessage['headers']; page: string }> {
  const socket = newWebSocket(t, port, opening)
  const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  const closed = once(answer.socket, 'close')
  const page = await text(answer)
  await closed
  return { status: answer.statusCode ?? 0, headers: answer.headers, page }
}

test("an origin's refusal of an upgrade reaches the client complete", async (t) => {
  const body = JSON.stringify({ error: 'who are you?', more: 'x'.repeat(100_000) })
  const headers = { 'www-authenticate': 'Bearer', 'content-type': 'application/json' }
  const origin = await startOrigin(t, respond(body, headers, 401))
  const server = await startServer(t, { 'PROXY:a.example': { target: origin.url } })
  const answer = await refusal(t, server)
  t.match(answer, { status: 401, headers })
  t.equal(answer.page, body)
  t.match(await server.line({ status: 401 }), { size: body.length, path: '/' })
})

test('a page in response to an upgrade is complete', async (t) => {
  const content = 'page '.repeat(200_000)
  const server = await startServer(t, {
    'API:a.example': [['.*', 'all']],
    'API:a.example:all': { methods: { GET: true } },
    'FILES:a.example:/page.txt': { content }
  })
  const { status, page } = await refusal(t, server, { path: '/page.txt' })
  t.equal(status, 200)
  t.ok(page === content)
})

test('a host without a site, and one without an upstream, answer 404 and close', async (t) => {
  const server = await startServer(t, {
    'API:a.example': [['.*', 'all']],
    'API:a.example:all': { methods: { GET: true } }
  })
  for (const site of ['a.example', 'nobody.example']) {
    const { status, headers, page } = await refusal(t, server, { site })
    t.equal(status, 404)
    t.match(headers, { connection: 'close', 'content-type': 'text/html; charset=utf-8' })
    t.match(page, `<code>${String(headers['x-request-id'])}</code>`)
    await server.line({ vhost: site, status: 404, size: page.length })
  }
})

test('an entry’s upstream takes upgrades of its paths, if the entry has GET', async (t) => {
  const { target, server: origin } = await startEcho(t)
  const server = await startServer(t, {
    'API:a.example': [
      ['^/live/', 'live'],
      ['^/post/', 'post']
    ],
    'API:a.example:live': { methods: { GET: true }, proxy: { target, strip_prefix: '/live' } },
    'API:a.example:post': { methods: { POST: true }, proxy: { target } }
  })
  const accepted = once(origin, 'connection') as Promise<[unknown, IncomingMessage]>
  const socket = await openWebSocket(t, server.port, { path: '/live/chat?x=1' })
  t.match(await exchange(socket, 'hello'), { data: Buffer.from('hello') })
  const [, { url }] = await accepted
  t.equal(url, '/chat?x=1')
  t.match(await refusal(t, server, { path: '/post/chat' }), {
    status: 405,
    headers: { allow: 'POST' }
  })
  t.equal((await refusal(t, server, { path: '/elsewhere' })).status, 404)
})

test('an unsafe request line is refused, upgrade or not', async (t) => {
  const origin = await startOrigin(t, respond('never'))
  const server = await startServer(t, { 'PROXY:a.example': { target: origin.url } })
  const paths = ['/%2e%2e/x', '/%zz', '/a%00b', '/../..', '/a\\b', 'http://b.example/', '*']
  const requests = [...paths, `/${'x'.repeat(9000)}`].map(
    (path) => [path, upgradeRequest(path)] as const
  )
  const hosts = ['a b', 'a..example', '', 'a.example\r\nHost: a.example'].map(
    (host) => [`host ${host}`, upgradeRequest('/', { host })] as const
  )
  for (const [what, bytes] of [...requests, ...hosts]) {
    const answer = await rawRequest(server.port, bytes)
    const status = Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1])
    t.equal(status, what.length > 9000 ? 414 : 400, what.slice(0, 30))
  }
  t.equal(origin.requests.length, 0)
})

test('an upgrade of a dead origin is 502, and closes', async (t) => {
  const server = await startServer(t, { 'PROXY:a.example': { target: NOWHERE, retry: false } })
  const { status, headers, page } = await refusal(t, server)
  t.equal(status, 502)
  t.notMatch(page, /127\.0\.0\.1|ECONN/)
  t.match(page, `<code>${String(headers['x-request-id'])}</code>`)
  await server.line({ request_id: headers['x-request-id'], msg: 'request failed' })
})
