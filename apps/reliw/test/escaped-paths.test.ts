import { rawRequest, respond, startOrigin, type Origin, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { type Server, startServer } from './start-server.ts'

/** What real clients ask for: each has to arrive as it was sent. */
const OF_ORIGINS = [
  '/@scope%2fname',
  '/@scope%2Fname/-/name-1.0.0.tgz',
  '/api/v4/projects/group%2Fproject?private=%2F',
  '/api/v4/projects/group%2Fsub%2Fproject/repository/files/lib%2Fa%2Eb/raw',
  '/api/queues/%2F/name',
  '/api/exchanges/%2f/amq%2Etopic/publish',
  '/cool/https%3A%2F%2Fhost%2Ffile%3Fx%3D1/ws?WOPISrc=https%3A%2F%2Fhost',
  '/caf%E9',
  '/100%25',
  '/a%2525b',
  '/%25',
  '/a%252Fb',
  '/a%5Cb',
  '/file%2Etxt',
  '/%e2%82%ac/%C3%BC',
  '/a;v=1/b;w=2',
  '/a//b',
  '/a%20b+c',
  '/list%5B0%5D'
]

interface Proxied extends Server {
  origin: Origin
  ask: (target: string, host?: string) => Promise<number>
}

async function start(t: TestContext, values: (url: string) => object): Promise<Proxied> {
  const origin = await startOrigin(t, respond('of the origin'))
  const server = await startServer(t, { ...values(origin.url) })
  const ask: Proxied['ask'] = async (target, host = 'a.example') => {
    const head = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
    return Number(/^HTTP\/1\.1 (\d+) /.exec(await rawRequest(server.port, head))?.[1])
  }
  return { ...server, origin, ask }
}

test('a host’s upstream gets paths byte for byte', async (t) => {
  const { origin, ask } = await start(t, (target) => ({ 'PROXY:a.example': { target } }))
  for (const target of OF_ORIGINS) t.equal(await ask(target), 200, target)
  t.same(
    origin.requests.map(({ target }) => target),
    OF_ORIGINS
  )
})

test('an entry’s upstream gets paths byte for byte, where all their readings lead to it', async (t) => {
  const { origin, ask, set } = await start(t, (target) => ({
    'API:a.example': [['^/', 'app']],
    'API:a.example:app': { methods: { GET: true }, proxy: { target } }
  }))
  for (const target of OF_ORIGINS) t.equal(await ask(target), 200, target)
  t.same(
    origin.requests.map(({ target }) => target),
    OF_ORIGINS
  )
  await set('API:a.example', [['^/other', 'app']])
  t.equal(await ask('/@scope%2fname'), 400, 'no route for any reading')
})

test('with escaped_path "refuse" such paths are refused', async (t) => {
  const { origin, ask } = await start(t, (target) => ({
    'PROXY:a.example': { target, escaped_path: 'refuse' },
    'API:b.example': [['^/', 'app']],
    'API:b.example:app': { methods: { GET: true }, proxy: { target, escaped_path: 'refuse' } }
  }))
  for (const target of ['/@scope%2fname', '/%E9', '/a%5Cb', '/a%2Eb', '/%2525%2F']) {
    t.equal(await ask(target), 400, target)
    t.equal(await ask(target, 'b.example'), 400, target)
  }
  t.equal(origin.requests.length, 0)
})

test('paths that no program needs are refused for every host', async (t) => {
  const { origin, ask } = await start(t, (target) => ({ 'PROXY:a.example': { target } }))
  const refused = ['/a%00b', '/a%0d%0ab', '/a%250ab', '/a%zz', '/a%', '/a%2', '/%u002fa', '/a%7f']
  const others = ['/a\\b', '/../a', '/a/..', '/a/..;/b', '/a#b', '/%c0%ae', '/%c0%af', '/%e0%80%af']
  const deep = `/a%${'25'.repeat(30)}2f`
  for (const target of [...refused, ...others, deep])
    t.equal(await ask(target), 400, target.slice(0, 30))
  t.equal(origin.requests.length, 0)
})

test('content is not looked up by ambiguous paths', async (t) => {
  const { ask } = await start(t, () => ({
    'API:a.example': [['^/', 'page']],
    'API:a.example:page': { methods: { GET: true } },
    'FILES:a.example:/a/b.txt': { content: 'a page' }
  }))
  t.equal(await ask('/a/b.txt'), 200)
  for (const target of ['/a%2fb.txt', '/a/b%2etxt', '/a%5cb.txt', '/a/b.txt%E9', '/a/%62%2Etxt'])
    t.equal(await ask(target), 400, target)
})

test('no reading of a path leaves the prefixes of an upstream', async (t) => {
  const { origin, ask } = await start(t, (target) => ({
    'PROXY:a.example': { target, strip_prefix: '/api', add_prefix: '/v2' }
  }))
  t.equal(await ask('/api/group%2Fproject'), 200)
  for (const target of [
    '/api/..%2fadmin',
    '/api/%2e%2e/admin',
    '/api/x/..%2f..%2fadmin',
    '/api/..%5cadmin',
    '/api/%252e%252e/admin',
    '/api%2f..%2fadmin',
    '/api/..%3bx/admin'
  ])
    t.match(String(await ask(target)), /^40[04]$/, target)
  t.same(
    origin.requests.map(({ target }) => target),
    ['/v2/group%2Fproject']
  )
})
