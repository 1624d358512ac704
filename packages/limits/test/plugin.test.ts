import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { BadHost, BadPath, limits, UriTooLong, type LimitsOptions } from '../src/index.ts'

async function build(t: Test, options: LimitsOptions = {}): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(limits, options)
  app.get('/*', async ({ id, facts: { host, path, clientIp } }) => ({ id, host, path, clientIp }))
  app.get('/fails', async () => {
    throw new Error('broken')
  })
  return app
}

t.test('an admitted request knows its id, host, path and client', async (t) => {
  const app = await build(t)
  const response = await app.inject({
    url: '/caf%C3%A9?x=1',
    headers: { host: 'WWW.Example.com:8080' },
    remoteAddress: '::ffff:203.0.113.7'
  })
  t.equal(response.statusCode, 200)
  t.same(response.json(), {
    id: response.headers['x-request-id'],
    host: 'www.example.com',
    path: '/café',
    clientIp: '203.0.113.7'
  })
})

t.test('every response has its own request id, refusals and failures too', async (t) => {
  const app = await build(t, { max_uri_length: 20 })
  const ids = new Set<unknown>()
  for (const [host, url, status] of [
    ['a.example', '/', 200],
    ['a.example', '/fails', 500],
    ['a b', '/', 400],
    ['a.example', `/${'x'.repeat(20)}`, 414]
  ] as const) {
    const response = await app.inject({ url, headers: { host } })
    t.equal(response.statusCode, status)
    ids.add(response.headers['x-request-id'])
  }
  const missing = await app.inject({ method: 'PUT', url: '/', headers: { host: 'a.example' } })
  t.equal(missing.statusCode, 404)
  ids.add(missing.headers['x-request-id'])
  t.equal(ids.size, 5)
  t.notOk(ids.has(undefined))
})

t.test('refusals have the reason and nothing more', async (t) => {
  const app = await build(t)
  const response = await app.inject({ url: '/', headers: { host: '<script>' } })
  t.same(response.json(), {
    statusCode: 400,
    code: 'RELIW_LIMITS_BAD_HOST',
    error: 'Bad Request',
    message: 'Bad host'
  })
})

t.test('refusals carry no stack', async (t) => {
  for (const error of [new BadHost(), new BadPath(), new UriTooLong()]) {
    t.equal(error.stack, undefined, error.code)
  }
})

t.test('paths that no route knows are checked too', async (t) => {
  const app = await build(t)
  const response = await app.inject({ method: 'PUT', url: '/', headers: { host: 'a..b' } })
  t.match(response.json(), { code: 'RELIW_LIMITS_BAD_HOST' })
})

t.test('a target may be as long as allowed, query string included', async (t) => {
  const app = await build(t, { max_uri_length: '16B' })
  const statusOf = async (url: string) =>
    (await app.inject({ url, headers: { host: 'a.example' } })).statusCode

  t.equal(await statusOf('/345678?01234567'.slice(0, 16)), 200)
  t.equal(await statusOf('/345678?012345678'), 414)
  t.equal(await statusOf('/3456789012345678'), 414)
})

t.test('only a trusted proxy names the client and the request', async (t) => {
  const app = await build(t, { trusted_proxies: ['10.0.0.0/8'] })
  const headers = {
    host: 'a.example',
    'x-forwarded-for': '203.0.113.7, 10.0.0.2',
    'x-request-id': 'edge-1'
  }

  const trusted = await app.inject({ url: '/', headers, remoteAddress: '10.0.0.1' })
  t.match(trusted.json(), { id: 'edge-1', clientIp: '203.0.113.7' })
  t.equal(trusted.headers['x-request-id'], 'edge-1')

  const other = await app.inject({ url: '/', headers, remoteAddress: '198.51.100.1' })
  t.equal(other.json().clientIp, '198.51.100.1')
  t.not(other.json().id, 'edge-1')
})

t.test('the log carries the id that the client is given', async (t) => {
  const lines: string[] = []
  const app = Fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } })
  t.teardown(() => app.close())
  await app.register(limits, { trusted_proxies: ['127.0.0.1'] })
  app.get('/', async () => 'ok')

  const headers = { host: 'a.example', 'x-request-id': 'edge-2' }
  await app.inject({ url: '/', headers })

  t.ok(lines.length > 0)
  for (const line of lines) t.match(JSON.parse(line), { reqId: 'edge-2' })
})

t.test('invalid options stop the server', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  // @ts-expect-error the mistyped key
  app.register(limits, { trusted_proxy: [], trusted_proxies: ['localhost'] })
  await t.rejects(async () => app.ready(), {
    code: 'RELIW_INVALID_OPTIONS',
    message: /trusted_proxies\[0\]: expected an IP [^]*did you mean "trusted_proxies"/
  })
})
