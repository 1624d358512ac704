import { once } from 'node:events'
import { connect, createServer as createHttp2Server } from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import Fastify, {
  type FastifyInstance,
  type FastifyListenOptions,
  type FastifyReply
} from 'fastify'
import { tempDir } from '@reliw/testing'
import t, { type Test } from 'tap'
import { BadPath, limits } from '../src/index.ts'
import { getRaw, sendRaw } from './send-raw.ts'

async function listen(t: Test, where: FastifyListenOptions = {}): Promise<FastifyInstance> {
  const app = Fastify({
    frameworkErrors(_error, request, reply: FastifyReply) {
      reply.header('x-request-id', request.id).send(new BadPath())
    }
  })
  t.teardown(() => app.close())
  await app.register(limits, { trusted_proxies: ['127.0.0.1'] })
  app.all('/*', async ({ facts: { host, path, clientIp } }) => ({ host, path, clientIp }))
  await app.listen({ port: 0, host: '127.0.0.1', ...where })
  return app
}

t.test('a request needs exactly one Host header', async (t) => {
  const app = await listen(t)
  const get = (version: string, headers: string) =>
    sendRaw(app, `GET / HTTP/${version}\r\n${headers}Connection: close\r\n\r\n`)

  t.equal((await get('1.1', 'Host: a.example\r\n')).status, 200)
  t.equal((await get('1.0', 'Host: a.example\r\n')).status, 200)
  t.equal((await get('1.1', '')).status, 400)
  for (const [version, headers] of [
    ['1.0', ''],
    ['1.1', 'Host:\r\n'],
    ['1.1', 'Host: a.example\r\nHost: a.example\r\n'],
    ['1.1', 'Host: a.example\r\nX-Other: 1\r\nhOST: b.example\r\n'],
    ['1.1', 'Host: a.example, b.example\r\n'],
    ['1.1', 'Host: user@a.example\r\n'],
    ['1.1', 'Host: a.ex\xe4mple\r\n']
  ] as const) {
    const response = await get(version, headers)
    t.equal(response.status, 400, headers)
    t.match(response.text, 'RELIW_LIMITS_BAD_HOST')
  }
})

t.test('a request target has to be a path', async (t) => {
  const app = await listen(t)
  for (const target of ['http://b.example/', '*', 'a.example:80', 'a', '\\']) {
    const response = await getRaw(app, target)
    t.equal(response.status, 400, target)
  }
  t.match((await getRaw(app, 'http://b.example/')).text, 'RELIW_LIMITS_BAD_PATH')
})

t.test('an ambiguous path reaches no route', async (t) => {
  const app = await listen(t)
  t.match((await getRaw(app, '/a%20b?c=/../d')).text, '"path":"/a b"')
  for (const target of [
    '/../etc/passwd',
    '/a/..',
    '/%2e%2e/a',
    '/a%2fb',
    '/a%5Cb',
    '/a\\b',
    '/%252e%252e/',
    '/%25%32%65',
    '/%00',
    '/a#b',
    '/a?b#c'
  ]) {
    const response = await getRaw(app, target)
    t.equal(response.status, 400, target)
    t.match(response.text, 'RELIW_LIMITS_BAD_PATH')
  }
})

t.test('a path that the router cannot decode is refused alike by frameworkErrors', async (t) => {
  const app = await listen(t)
  for (const target of ['/%zz', '/%', '/%C3', '/%C0%AE']) {
    const response = await getRaw(app, target)
    t.equal(response.status, 400, target)
    t.match(response.text, /x-request-id: [\w-]+\r\n[^]*RELIW_LIMITS_BAD_PATH/)
  }
})

t.test('bytes outside ASCII do not even pass the parser', async (t) => {
  const app = await listen(t)
  for (const target of ['/caf\xc3\xa9', '/?caf\xc3\xa9', '/\0', '/\x7f', '/?\x01']) {
    t.equal((await getRaw(app, target)).status, 400, target)
  }
})

t.test(
  'a client of a Unix socket is this machine, and as trusted as this machine is',
  async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'reliw-limits-'))
    t.teardown(() => rm(directory, { recursive: true }))
    const app = await listen(t, { path: join(directory, 'http.sock') })
    const get = (headers: string) =>
      sendRaw(app, `GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n${headers}\r\n`)

    t.match((await get('')).text, '"clientIp":"127.0.0.1"')
    t.match((await get('X-Forwarded-For: 203.0.113.7\r\n')).text, '"clientIp":"203.0.113.7"')
  }
)

t.test('it is also where the app listens on TCP, and over HTTP/2', async (t) => {
  const app = await listen(t)
  const path = join(tempDir(t), 'http.sock')
  const server = createHttp2Server((request, response) =>
    app.routing(request as never, response as never)
  )
  await once(server.listen(path), 'listening')
  t.teardown(() => server.close())
  const client = connect('http://a.example', { createConnection: () => connectSocket(path) })
  t.teardown(() => client.destroy())
  t.match(await json(client.request({ ':path': '/' })), { clientIp: '127.0.0.1' })
})

t.test('several X-Forwarded-For headers are one list', async (t) => {
  const app = await listen(t)
  const response = await sendRaw(
    app,
    'GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n' +
      'X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 203.0.113.7, 127.0.0.1\r\n\r\n'
  )
  t.match(response.text, '"clientIp":"203.0.113.7"')
})

t.test('HTTP/2 is admitted by the same rules', async (t) => {
  const app = Fastify({ http2: true })
  t.teardown(() => app.close())
  await app.register(limits)
  app.get('/*', async ({ facts: { host, path, clientIp } }) => ({ host, path, clientIp }))
  const client = connect(await app.listen({ port: 0, host: '127.0.0.1' }))
  t.teardown(() => client.destroy())

  const get = async (headers: Record<string, string>) => {
    const stream = client.request({ ':path': '/', ':authority': 'a.example', ...headers })
    const [response] = await once(stream, 'response')
    return { status: response[':status'], id: response['x-request-id'], body: await json(stream) }
  }
  t.match(await get({ ':authority': 'A.example:80', ':path': '/a%20b?c' }), {
    status: 200,
    id: String,
    body: { host: 'a.example', path: '/a b', clientIp: '127.0.0.1' }
  })
  t.match(await get({ host: 'b.example' }), { status: 400, body: { message: 'Bad host' } })
  t.match(await get({ ':authority': 'a..b' }), { status: 400, body: { message: 'Bad host' } })
  t.match(await get({ ':path': '/a/../b' }), { status: 400, body: { message: 'Bad path' } })
})
