import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { respond, startOrigin, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { ask } from './cli/serving.ts'
import { type Server, startServer } from './start-server.ts'
import { newWebSocket } from './websockets.ts'

/** The connections that a server gets from now on. */
function countConnections({ app }: Server): () => number {
  let count = 0
  app.server.on('connection', () => count++)
  return () => count
}

/** An upstream that is a server of ours. */
function upstreamOf({ port }: Server, fields: object = {}): object {
  return { target: `127.0.0.1:${port}`, ...fields }
}

function requestsOf({ log }: Server): number {
  return log.filter(({ msg }) => msg === 'request').length
}

const loops: Record<string, (server: Server) => Promise<void>> = {
  'that keeps its host': async (server) => {
    await server.set('PROXY:a.example', upstreamOf(server, { preserve_host: true }))
  },
  'by its address': async (server) => {
    await server.set('PROXY:a.example', upstreamOf(server))
    await server.set('PROXY:127.0.0.1', upstreamOf(server))
  },
  'of an entry': async (server) => {
    const proxy = upstreamOf(server, { preserve_host: true, add_prefix: '/again' })
    await server.set('API:a.example', [['.*', 'all']])
    await server.set('API:a.example:all', { methods: { GET: true }, proxy })
  }
}

for (const [what, prepare] of Object.entries(loops)) {
  test(`an upstream ${what} and leads back here is 508 at the second turn`, async (t) => {
    const server = await startServer(t, {})
    await prepare(server)
    const connections = countConnections(server)
    const answers = await Promise.all(Array.from({ length: 50 }, async () => ask(server.port, '/')))
    t.match(await server.line({ msg: 'request failed' }), {
      content: undefined,
      upstream: { reason: 'Loop detected' }
    })
    for (const { status, headers, text } of answers) {
      t.equal(status, 508)
      t.match(text, /Request id/)
      t.notMatch(JSON.stringify([headers, text]), /127\.0\.0\.1|reliw-/)
    }
    t.equal(requestsOf(server), 2 * answers.length)
    t.ok(connections() <= 2 * answers.length, 'one of the client’s and one of ours for each')
  })
}

test('two servers that forward to one another are a loop, too', async (t) => {
  const [one, two] = [await startServer(t, {}), await startServer(t, {})]
  await one.set('PROXY:a.example', upstreamOf(two, { preserve_host: true }))
  await two.set('PROXY:a.example', upstreamOf(one, { preserve_host: true }))
  t.equal((await ask(one.port, '/')).status, 508)
  t.same([requestsOf(one), requestsOf(two)], [2, 1])
})

test('a loop of upgrades is refused, too', async (t) => {
  const server = await startServer(t, {})
  await server.set('PROXY:a.example', upstreamOf(server, { preserve_host: true }))
  const socket = newWebSocket(t, server.port)
  const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  t.equal(answer.statusCode, 508)
  answer.resume()
})

test('a chain of servers is not a loop', async (t) => {
  const origin = await startOrigin(t, respond('the origin'))
  const [one, two, three] = await startChain(t)
  await three.set('PROXY:a.example', { target: origin.url })
  await two.set('PROXY:a.example', upstreamOf(three, { preserve_host: true }))
  await one.set('PROXY:a.example', upstreamOf(two, { preserve_host: true }))
  t.match(await ask(one.port, '/', { via: '1.1 elsewhere' }), { status: 200, text: 'the origin' })
  t.match(
    origin.requests[0]?.header('via'),
    /^1\.1 elsewhere, 1\.1 reliw-\w+, 1\.1 reliw-\w+, 1\.1 reliw-\w+$/
  )
})

async function startChain(t: TestContext): Promise<[Server, Server, Server]> {
  return [await startServer(t, {}), await startServer(t, {}), await startServer(t, {})]
}
