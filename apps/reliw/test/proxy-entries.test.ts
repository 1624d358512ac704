import { rawRequest, respond, startOrigin, type Origin, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { ask } from './cli/serving.ts'
import { type Server, startServer } from './start-server.ts'

interface Setup extends Server {
  origin: Origin
  /** A response's bytes, with the method asked for. */
  send: (method: string, path: string) => Promise<string>
}

/** A site with one entry for /api/, which has these fields, and pages beside it. */
async function start(t: TestContext, entry: object, proxy: object = {}): Promise<Setup> {
  const origin = await startOrigin(t, respond('of the origin'))
  const server = await startServer(t, {
    'API:a.example': [
      ['^/api', 'api'],
      ['^/', 'page']
    ],
    'API:a.example:api': {
      methods: { GET: true },
      proxy: { target: origin.url, ...proxy },
      ...entry
    },
    'API:a.example:page': { methods: { GET: true } },
    'FILES:a.example:/page.txt': { content: 'a page' }
  })
  const send: Setup['send'] = (method, path) =>
    rawRequest(
      server.port,
      `${method} ${path} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n`
    )
  return { ...server, origin, send }
}

test('an entry forwards only requests that its route matches', async (t) => {
  const { origin, port, line } = await start(t, {})
  t.match(await ask(port, '/api/users?page=2'), { status: 200, text: 'of the origin' })
  t.match(await ask(port, '/page.txt'), { status: 200, text: 'a page' })
  t.same(
    origin.requests.map(({ target }) => target),
    ['/api/users?page=2']
  )
  await line({ path: '/api/users?page=2', status: 200, size: 13 })
})

test('prefixes are stripped and added; escapes and query are kept', async (t) => {
  const { origin, port } = await start(t, {}, { strip_prefix: '/api', add_prefix: '/v2' })
  for (const path of ['/api/a%20b/%C3%A9?q=%2F', '/api', '/api/', '/api?x']) await ask(port, path)
  t.same(
    origin.requests.map(({ target }) => target),
    ['/v2/a%20b/%C3%A9?q=%2F', '/v2/', '/v2/', '/v2/?x']
  )
  t.equal((await ask(port, '/apis')).status, 404, 'does not begin with the prefix')
  t.equal(origin.requests.length, 4)
})

test("redirects of an origin are rewritten to the client's view", async (t) => {
  const { set, port } = await start(t, {})
  const there = '/v2/there'
  const origin = await startOrigin(t, async (request, connection) => {
    const location = request.target === '/v2/absolute' ? `${origin.url}${there}` : there
    const cookie = 'id=1; Path=/v2/users'
    await respond('', { location, 'set-cookie': cookie }, 302)(request, connection)
  })
  const proxy = { target: origin.url, strip_prefix: '/api', add_prefix: '/v2' }
  await set('API:a.example:api', { methods: { GET: true }, proxy })
  for (const [path, location] of [
    ['/api/absolute', 'http://a.example/api/there'],
    ['/api/relative', '/api/there']
  ] as const) {
    const { status, headers } = await ask(port, path)
    t.match({ status, location: headers.location }, { status: 302, location })
    t.match(headers['set-cookie']?.[0], 'Path=/api/users')
  }
})

test('only the entry’s methods are forwarded; HEAD goes with GET', async (t) => {
  const { origin, send } = await start(t, { methods: { GET: true, PUT: true, DELETE: false } })
  for (const method of ['POST', 'DELETE', 'OPTIONS']) {
    const response = await send(method, '/api/x')
    t.match(response, /^HTTP\/1\.1 405 [^]*\r\nallow: GET, PUT, HEAD\r\n/i, method)
  }
  for (const method of ['GET', 'PUT']) {
    t.match(await send(method, '/api/x'), /^HTTP\/1\.1 200 [^]*\r\n\r\nof the origin$/, method)
  }
  t.match(
    await send('HEAD', '/api/x'),
    /^HTTP\/1\.1 200 [^]*\r\ncontent-length: 13\r\n[^]*\r\n\r\n$/
  )
  t.same(
    origin.requests.map(({ method }) => method),
    ['GET', 'PUT', 'HEAD']
  )
})

test('an entry’s origin gets bodies of any type', async (t) => {
  const { origin, port } = await start(t, { methods: { POST: true } })
  for (const type of ['application/json', 'multipart/form-data; boundary=x', 'x/y', undefined]) {
    const typed = type === undefined ? '' : `Content-Type: ${type}\r\n`
    const head = `POST /api/x HTTP/1.1\r\nHost: a.example\r\n${typed}Content-Length: 7\r\n\r\n`
    const response = await rawRequest(port, `${head}{"not" `, { until: 'of the origin' })
    t.match(response, /^HTTP\/1\.1 200 /, type ?? 'no type')
    t.equal(origin.requests.at(-1)?.header('content-type'), type)
    t.equal(String(await origin.requests.at(-1)?.body), '{"not" ')
  }
})

test('OPTIONS is forwarded if the entry allows it', async (t) => {
  const { origin, send } = await start(t, { methods: { OPTIONS: true } })
  t.match(await send('OPTIONS', '/api/x'), /^HTTP\/1\.1 200 [^]*\r\n\r\nof the origin$/)
  t.match(await send('GET', '/api/x'), /^HTTP\/1\.1 405 [^]*\r\nallow: OPTIONS\r\n/i)
  t.equal(origin.requests[0]?.method, 'OPTIONS')
})

test('an entry shows its own page when its origin fails', async (t) => {
  const { origin, port, line } = await start(t, { error: { 502: '<p>Back soon.</p>' } })
  await origin.stop()
  const { status, headers, text } = await ask(port, '/api/x')
  t.equal(status, 502)
  t.match(headers, { 'content-type': 'text/html; charset=utf-8' })
  t.match(text, '<p>Back soon.</p>')
  await line({ request_id: headers['x-request-id'], msg: 'request failed' })
  t.match(await ask(port, '/page.txt'), { status: 200 })
})

test('the upstream of a host takes precedence over routes, and ACME tokens over both', async (t) => {
  const { set, port } = await start(t, {})
  const whole = await startOrigin(t, respond('of the host'))
  await set('PROXY:a.example', { target: whole.url })
  await set('DATA:a.example:.well-known/acme-challenge/t0ken', 'answer')
  for (const path of ['/api/x', '/page.txt', '/none', '/.well-known/acme-challenge/other']) {
    t.match(await ask(port, path), { status: 200, text: 'of the host' }, path)
  }
  t.match(await ask(port, '/.well-known/acme-challenge/t0ken'), { status: 200, text: 'answer' })
  await set('DATA:__:.well-known/acme-challenge/other', 'for all')
  t.match(await ask(port, '/.well-known/acme-challenge/other'), { status: 200, text: 'for all' })
  await set('DATA:a.example:.well-known/acme-challenge/t0ken', 'new answer')
  t.match(await ask(port, '/.well-known/acme-challenge/t0ken'), { text: 'new answer' })
})

test('any content type is forwarded', async (t) => {
  const { origin, port } = await start(t, { methods: { POST: true } })
  for (const type of ['nonsense', ';;;', 'application/json']) {
    const head = `POST /api HTTP/1.1\r\nHost: a.example\r\nContent-Type: ${type}\r\n`
    const response = await rawRequest(
      port,
      `${head}Content-Length: 4\r\nConnection: close\r\n\r\n{"a"`
    )
    t.match(response, /^HTTP\/1.1 200 /, type)
    t.equal(origin.requests.at(-1)?.header('content-type'), type)
    t.equal(String(await origin.requests.at(-1)?.body), '{"a"')
  }
})
