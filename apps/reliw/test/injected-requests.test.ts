import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { respond, startOrigin, tempDir } from '@reliw/testing'
import type { InjectOptions } from 'fastify'
import { test } from 'tap'
import { HOST, PASSWORD, protectedSite } from './protected-site.ts'
import { startServer } from './start-server.ts'

const headers = { host: HOST }
const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
const post = { method: 'POST', payload: 'all of it' } as const

/** For each request: the status of its response, and what its body has to contain. */
const REQUESTS: Record<string, [InjectOptions & { url: string }, number, string]> = {
  'a body for a proxied host': [
    { url: '/', ...post, headers: { host: 'shop.test' } },
    200,
    'all of it'
  ],
  'a GET of a proxied host': [{ url: '/', headers: { host: 'shop.test' } }, 200, ''],
  'a HEAD of a proxied host': [
    { url: '/', method: 'HEAD', headers: { host: 'shop.test' } },
    200,
    ''
  ],
  'an upgrade of a proxied host': [
    { url: '/', headers: { host: 'shop.test', connection: 'upgrade', upgrade: 'websocket' } },
    200,
    ''
  ],
  'a body for a proxied entry': [{ url: '/proxied', ...post, headers }, 200, 'all of it'],
  'too large a body': [
    { url: '/proxied', method: 'POST', headers, payload: 'x'.repeat(2000) },
    413,
    '413'
  ],
  'a framing that nobody knows': [
    { url: '/proxied', method: 'POST', headers: { ...headers, 'transfer-encoding': 'gzip' } },
    400,
    '400'
  ],
  'a file': [{ url: '/file', headers }, 200, 'hello'],
  'a large file': [{ url: '/large', headers }, 200, 'xxx'],
  'a range': [{ url: '/file', headers: { ...headers, range: 'bytes=0-1' } }, 206, 'he'],
  'a method that is not allowed': [{ url: '/file', ...post, headers }, 405, '405'],
  'what is not there': [{ url: '/none', headers }, 404, '404'],
  'a path that is none': [{ url: '/%zz', headers }, 400, '400'],
  'a rate that is used up': [{ url: '/limited', headers }, 429, '429'],
  'a rule of the firewall': [{ url: '/file?attack', headers }, 403, '403'],
  'the login page': [{ url: '/login', headers }, 200, '<form'],
  'a login without a token': [
    { url: '/login', method: 'POST', headers: form, payload: `user=ada&password=${PASSWORD}` },
    401,
    ''
  ],
  'what needs a login': [{ url: '/secret', headers }, 401, ''],
  'another login': [
    { url: '/secret', headers: { ...headers, authorization: `Basic ${btoa(`ada:${PASSWORD}`)}` } },
    200,
    'hello'
  ]
}

test('whatever an injected request asks for is answered, logged and counted', async (t) => {
  const origin = await startOrigin(t, async (request, socket) => {
    await respond(await request.body)(request, socket)
  })
  const data_dir = tempDir(t)
  mkdirSync(join(data_dir, HOST))
  writeFileSync(join(data_dir, HOST, 'hello.txt'), 'hello')
  writeFileSync(join(data_dir, HOST, 'large.txt'), 'x'.repeat(3_000_000))
  const any = { GET: true, POST: true }
  const site = await protectedSite({
    proxied: { methods: any, proxy: { target: origin.url } },
    file: { file: 'hello.txt' },
    large: { file: 'large.txt' },
    limited: { file: 'hello.txt', rate_limit: { GET: { limit: 1, period: 3600 } } },
    secret: { file: 'hello.txt', auth: { any: ['basic'] } }
  })
  const values = {
    ...site,
    'PROXY:shop.test': { target: origin.url },
    WAF: {
      __: JSON.stringify({ query: ['attack'] }),
      'cut.test': JSON.stringify({ query: ['attack'], action: { close: true } })
    }
  }
  const { app, log } = await startServer(t, values, {
    data_dir,
    max_body_size: 1000,
    waf: { mode: 'block' }
  })
  let expected = 0
  for (const [what, [request, status, body]] of Object.entries(REQUESTS)) {
    const times = status === 429 ? 2 : 1
    expected += times
    let response = await app.inject(request)
    if (times === 2) response = await app.inject(request)
    t.equal(response.statusCode, status, what)
    t.ok(response.body.includes(body), what)
  }
  await t.rejects(
    app.inject({ url: '/?attack', headers: { host: 'cut.test' } }),
    'a closed connection'
  )
  expected++
  t.equal(log.filter(({ msg }) => msg === 'request').length, expected, 'a line for each')
  t.same(
    log.filter(({ level }) => Number(level) >= 50),
    []
  )
})
