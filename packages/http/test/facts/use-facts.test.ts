import { connect } from 'node:http2'
import { text } from 'node:stream/consumers'
import { AddressSet, Cidr } from '@reliw/options'
import { fail, portOf, rawRequest, type TestContext } from '@reliw/testing'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import t from 'tap'
import { assumeFacts, type SiteFinder, useFacts, useSites } from '../../src/index.ts'

/** Starts an app that responds with the facts of each request. */
async function start(
  t: TestContext,
  prepare: (app: FastifyInstance) => void = useFacts,
  options: FastifyServerOptions = {}
): Promise<(head: string) => Promise<string>> {
  const app = Fastify(options)
  t.teardown(() => app.close())
  prepare(app)
  app.all('/*', async ({ facts, raw }) => Object.assign({ url: raw.url }, facts))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const port = portOf(app.server)
  return async (head) => rawRequest(port, `${head}\r\nConnection: close\r\n\r\n`)
}

function factsIn(response: string): Record<string, unknown> {
  const body = response.slice(response.indexOf('\r\n\r\n') + 4)
  return JSON.parse(Buffer.from(body, 'latin1').toString()) as Record<string, unknown>
}

t.test('the facts of a request are its host, path and client', async (t) => {
  const request = await start(t)
  t.match(factsIn(await request('GET /caf%C3%A9//x?y HTTP/1.1\r\nHost: A.Example:80')), {
    host: 'a.example',
    path: '/café/x',
    isPathAmbiguous: false,
    clientIp: '127.0.0.1',
    peerIp: '127.0.0.1',
    isPeerTrusted: false,
    isSecure: false
  })
})

t.test('two hosts, none, or an invalid one count as none', async (t) => {
  const request = await start(t)
  for (const hosts of ['Host: a.example\r\nHost: b.example', 'Host: a b', 'Host:'])
    t.notOk('host' in factsIn(await request(`GET / HTTP/1.1\r\n${hosts}`)), hosts)
})

t.test('a path that programs read differently is ambiguous', async (t) => {
  const request = await start(t)
  const of = async (target: string) => factsIn(await request(`GET ${target} HTTP/1.1\r\nHost: a`))
  t.match(await of('/a%2fb'), { path: '/a/b', isPathAmbiguous: true, url: '/a%2fb' })
  t.match(await of('http://a/b?c'), { path: '/b', isPathAmbiguous: false, url: '/b?c' })
})

t.test('forwarding headers count from trusted proxies, or by trustProxy', async (t) => {
  const head = 'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https'
  const expected = { clientIp: '192.0.2.7', peerIp: '127.0.0.1', isSecure: true }
  const trusting = await start(t, (app) => useFacts(app, new AddressSet([Cidr.parse('127.0.0.1')])))
  t.match(factsIn(await trusting(head)), { ...expected, isPeerTrusted: true })
  const byFastify = await start(t, useFacts, { trustProxy: true })
  t.match(factsIn(await byFastify(head)), { ...expected, isPeerTrusted: false })
  const alone = await start(t)
  t.match(factsIn(await alone(head)), { clientIp: '127.0.0.1', isSecure: false })
})

t.test('HTTP/2 names its host in :authority', async (t) => {
  const app = Fastify({ http2: true })
  t.teardown(() => app.close())
  useFacts(app as unknown as FastifyInstance)
  app.get('/', async ({ facts }) => facts)
  const session = connect(await app.listen({ host: '127.0.0.1', port: 0 }))
  t.teardown(() => session.destroy())
  const request = async (headers: Record<string, string>) =>
    JSON.parse(await text(session.request({ ':path': '/', ...headers }))) as object
  t.match(await request({ ':authority': 'A.example:1' }), { host: 'a.example', path: '/' })
  t.notOk('host' in (await request({ ':authority': 'a.example', host: 'b.example' })))
})

t.test(
  'an app may replace facts, and an error that it throws ends only that request',
  async (t) => {
    const request = await start(t, (app) =>
      assumeFacts(app, ({ headers }) => {
        if (headers['x-fail'] !== undefined) fail()
        return { clientIp: String(headers['x-client']) }
      })
    )
    t.match(await request('GET / HTTP/1.1\r\nHost: a\r\nX-Fail: 1'), /^HTTP\/1\.1 500 /)
    const known = factsIn(await request('GET /x HTTP/1.1\r\nHost: a\r\nX-Client: 192.0.2.9'))
    t.match(known, { host: 'a', path: '/x', clientIp: '192.0.2.9' })
  }
)

t.test('an error of trustProxy ends only its request', async (t) => {
  const request = await start(t, useFacts, { trustProxy: fail })
  for (let requests = 0; requests < 2; requests++)
    t.match(
      await request('GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1'),
      /^HTTP\/1\.1 500 /
    )
})

t.test('proxies that a scope trusts are trusted only in that scope', async (t) => {
  const request = await start(t, (app) => {
    useFacts(app)
    app.register(async (scope) => {
      useFacts(scope, new AddressSet([Cidr.parse('127.0.0.1')]))
      scope.get('/inside', async ({ facts }) => facts)
    })
  })
  const of = async (path: string) =>
    factsIn(await request(`GET ${path} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.7`))
  t.match(await of('/inside'), { clientIp: '192.0.2.7', isPeerTrusted: true })
  t.match(await of('/outside'), { clientIp: '127.0.0.1', isPeerTrusted: false })
  const twice = Fastify()
  useFacts(twice, new AddressSet([]))
  t.throws(() => useFacts(twice, new AddressSet([])), /only once per scope/)
})

t.test('an app may declare the identity of requests itself', async (t) => {
  const request = await start(t, (app) => {
    app.decorateRequest('identity', undefined)
    useFacts(app)
  })
  t.match(await request('GET / HTTP/1.1\r\nHost: a'), /^HTTP\/1\.1 200 /)
})

t.test('a request that an earlier hook of the app responds to has unknown facts', async (t) => {
  const seen: unknown[] = []
  const request = await start(t, (app) => {
    app.addHook('onRequest', async (_request, reply) => reply.code(404).send())
    app.addHook('onResponse', async ({ facts }) => void seen.push(facts))
    useFacts(app)
  })
  t.match(await request('GET / HTTP/1.1\r\nHost: a'), /^HTTP\/1\.1 404 /)
  t.match(seen, [{ host: undefined, path: '', clientIp: '' }])
})

t.test('the site of a request is its host until another is found to serve it', async (t) => {
  const found = { name: '*.example', wildcard: '*.example', redirect: undefined }
  const finder: SiteFinder = {
    siteOf(host) {
      if (host === 'fails.example') throw new Error('unavailable')
      if (host === 'rejects.example') return Promise.reject(new Error('unavailable'))
      return host === 'late.example' ? Promise.resolve(found) : found
    }
  }
  const seen: unknown[] = []
  const request = await start(t, (app) => {
    useFacts(app)
    useSites(app, undefined)
    useSites(app, finder)
    useSites(app, finder)
    app.addHook('onRequest', async ({ facts }) => {
      seen.push([facts.site, facts.subdomain, facts.with({ clientIp: '' }).site])
      seen.push(facts.with({ host: 'other' }).site)
    })
  })
  const siteOf = async (host: string): Promise<unknown> => {
    await request(`GET / HTTP/1.1\r\nHost: ${host}`)
    return seen.splice(0)
  }
  t.same(await siteOf('a.b.example'), [['*.example', 'a.b', '*.example'], 'other'])
  t.same(await siteOf('late.example'), [['*.example', 'late', '*.example'], 'other'])
  for (const host of ['fails.example', 'rejects.example'])
    t.same(await siteOf(host), [[host, '', host], 'other'])
  t.same(await siteOf(''), [[undefined, '', undefined], 'other'])
})
