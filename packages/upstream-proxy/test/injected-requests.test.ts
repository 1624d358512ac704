import { Readable } from 'node:stream'
import { respond, startOrigin } from '@reliw/testing'
import fastify, { type FastifyInstance, type InjectOptions } from 'fastify'
import { test, type Test } from 'tap'
import { upstreamProxy } from '../src/index.ts'

const HOST = 'shop.test'

async function startApp(t: Test, target: string): Promise<FastifyInstance> {
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(upstreamProxy, {
    upstreams: { [HOST]: { target, retry: false }, named: { target } }
  })
  app.all('/named', { config: { upstream: 'named' } }, async () => 'not called')
  return app
}

const headers = { host: HOST }
const BODIES: Record<string, [InjectOptions, string]> = {
  'a text': [{ payload: 'all of it' }, 'all of it'],
  'an object': [{ payload: { a: 1 } }, '{"a":1}'],
  'a buffer': [{ payload: Buffer.alloc(300_000, 'x') }, 'x'.repeat(300_000)],
  'nothing, with a length': [{ headers: { ...headers, 'content-length': '0' } }, ''],
  'a stream, in chunks': [
    {
      payload: Readable.from([Buffer.from('all '), Buffer.from('of it')]),
      headers: { ...headers, 'transfer-encoding': 'chunked' }
    },
    'all of it'
  ],
  'a body in two pieces': [
    { payload: 'all of it', simulate: { split: true } } as InjectOptions,
    'all of it'
  ]
}

for (const [what, [options, body]] of Object.entries(BODIES)) {
  test(`an injected request with ${what} is forwarded and answered`, async (t) => {
    const origin = await startOrigin(t, async (request, socket) => {
      const received = await request.body
      await respond(received)(request, socket)
    })
    const app = await startApp(t, origin.url)
    const answer = await app.inject({ method: 'POST', url: '/', headers, ...options })
    t.equal(answer.statusCode, 200)
    t.equal(answer.body, body)
  })
}

const OTHERS: Record<string, InjectOptions> = {
  GET: {},
  'GET of a route': { url: '/named' },
  HEAD: { method: 'HEAD' },
  'a GET that asks for another protocol': {
    headers: { ...headers, upgrade: 'websocket', connection: 'upgrade' }
  },
  'a request with a body too large': { method: 'POST', payload: 'x'.repeat(6_000_000) },
  'a request with an invalid body': {
    method: 'POST',
    headers: { ...headers, 'transfer-encoding': 'gzip' }
  },
  'an answer as a stream': { payloadAsStream: true },
  TRACE: { method: 'TRACE' }
}

for (const [what, options] of Object.entries(OTHERS)) {
  test(`an injected request is answered: ${what}`, async (t) => {
    const bytes =
      'HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'
    const origin = await startOrigin(t, async (request, socket) => {
      socket.write(request.method === 'HEAD' ? bytes : `${bytes}hi`)
    })
    const app = await startApp(t, origin.url)
    const answer = await app.inject({ url: '/', headers, ...options })
    const status = answer.statusCode
    if ('payload' in options) t.equal(status, 413)
    else if (what.includes('invalid')) t.equal(status, 400)
    else if (what === 'TRACE') t.equal(status, 405)
    else t.equal(status, 200)
    if (status === 200 && what !== 'HEAD')
      t.equal(answer.body || String(await answer.stream().toArray()), 'hi')
  })
}

test('an injected request gets an answer in chunks with trailers, and one that breaks off fails', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nhi\r\n'
  const origin = await startOrigin(t, ({ target }, socket) => {
    if (target === '/whole') socket.write(`${head}0\r\nX-Sum: 1\r\n\r\n`)
    else socket.end(head)
  })
  const app = await startApp(t, origin.url)
  const whole = await app.inject({ url: '/whole', headers })
  t.match(whole, { statusCode: 200, body: 'hi' })
  t.match(whole.trailers, { 'x-sum': '1' })
  await t.rejects(app.inject({ url: '/broken', headers }))
})

test('an injected request that an origin refuses is answered', async (t) => {
  const app = await startApp(t, 'http://127.0.0.1:1')
  const answer = await app.inject({ method: 'POST', url: '/', headers, payload: 'hi' })
  t.equal(answer.statusCode, 502)
})
