import { createHmac } from 'node:crypto'
import { Agent, request, type RequestOptions } from 'node:http'
import { text } from 'node:stream/consumers'
import type { RequestFacts } from '@reliw/http'
import { startOrigin, startRedis, type TestContext, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { ask, type Reply } from './cli/serving.ts'
import { type Server, startServer } from './start-server.ts'

const methods = { GET: true, POST: true }
const SITES = {
  'API:main.example': [['.*', 'all']],
  'API:main.example:all': { methods, index: 'index.html' },
  'FILES:main.example:/index.html': { content: 'main' },
  'SITE:main.example': {
    aliases: ['www.example', '*.main.example'],
    redirect_aliases: ['old.example', '*.old.example']
  },
  'API:*.example.org': [['.*', 'all']],
  'API:*.example.org:all': { methods: { GET: true }, index: 'index.html' },
  'FILES:*.example.org:/index.html': { content: 'a tenant' },
  WAF: { '*.example.org': '{"query":["attack"]}', 'main.example': '{"query":["evil"]}' }
}

type Get = (host: string, path?: string) => Promise<Reply>

function client({ port }: Server): Get {
  return async (host, path = '/') => ask(port, path, { host })
}

interface Setup extends Server {
  /** The facts of the requests. */
  seen: object[]
}

async function start(t: TestContext, driver: string, values: object = SITES): Promise<Setup> {
  const seen: object[] = []
  const { host, port } = driver === 'redis' ? await startRedis(t) : {}
  const config = host === undefined ? {} : { redis: { host, port } }
  const server = await startServer(t, { ...values }, config, (app) =>
    app.addHook('onResponse', async ({ facts }) => void seen.push(factsIn(facts)))
  )
  return { ...server, seen }
}

function factsIn({ host, site, subdomain }: RequestFacts): object {
  return { host, site, subdomain }
}

for (const driver of ['embedded', 'redis']) {
  test(`hosts are served by their sites, and changes apply at once (${driver})`, async (t) => {
    const server = await start(t, driver)
    const { port, set, seen } = server
    const get = client(server)
    for (const host of ['main.example', 'www.example', 'WWW.example.', 'a.b.main.example'])
      t.match(await get(host), { status: 200, text: 'main' }, host)
    t.equal((await get('www.example', '/?evil')).status, 403, 'the rules of the site')
    t.equal((await get('www.example', '/?attack')).status, 200)

    const moved = await get('old.example', '/a%2Fb/%E4?x=1&y=//other.example')
    t.match(moved, { status: 301, text: '' })
    t.equal(moved.headers.location, 'http://main.example/a%2Fb/%E4?x=1&y=//other.example')
    const withPort = await fetchAs(`x.old.example:${port}`, port, '//other.example/', {
      method: 'POST'
    })
    t.equal(withPort.status, 308)
    t.equal(withPort.headers.location, `http://main.example:${port}//other.example/`)
    t.equal((await get('old.example', '/?evil')).status, 403, 'rules come before the redirect')

    t.match(await get('a.example.org'), { status: 200, text: 'a tenant' })
    t.match(await get('a.b.example.org'), { status: 200, text: 'a tenant' })
    t.equal((await get('a.example.org', '/?attack')).status, 403)
    t.equal((await get('example.org')).status, 404)
    t.equal((await get('*.example.org')).status, 400, 'no host is a wildcard')
    t.equal((await get('nobody.example')).status, 404)

    const becomes = async (host: string, status: number, body: string): Promise<void> => {
      const isSo = async (): Promise<boolean> => (await get(host)).text === body
      if (driver === 'redis' && body !== '') await waitFor(isSo, `${host}: ${body}`)
      t.match(await get(host), { status, ...(body === '' ? {} : { text: body }) }, host)
    }
    await set('API:b.example.org', [['.*', 'all']])
    await set('API:b.example.org:all', { methods, index: 'index.html' })
    await set('FILES:b.example.org:/index.html', { content: 'its own' })
    await becomes('b.example.org', 200, 'its own')
    await set('API:b.example.org', undefined)
    await becomes('b.example.org', 200, 'a tenant')
    await set('SITE:main.example', { aliases: ['new.example', '*'] })
    await becomes('new.example', 200, 'main')
    await becomes('nobody.example', 200, 'main')
    await becomes('[2001:db8::1]', 200, 'main')
    await becomes('old.example', 200, 'main')

    await get('c.d.example.org')
    t.match(seen.at(-1), { host: 'c.d.example.org', site: '*.example.org', subdomain: 'c.d' })
    await get('nobody.example')
    t.match(seen.at(-1), { site: 'main.example', subdomain: 'nobody.example' })
  })
}

test('an alias shares users and sessions with its site', async (t) => {
  const salt = 'salt'
  const pass = createHmac('sha256', salt).update('lovelace').digest('hex')
  const { port } = await startServer(t, {
    'API:main.example': [
      ['/login', 'login', true],
      ['.*', 'private']
    ],
    'API:main.example:login': { methods, auth: { login: true } },
    'API:main.example:private': { methods: { GET: true }, auth: ['ada'], file: '/private.txt' },
    'FILES:main.example:/private.txt': { content: 'secret' },
    'SITE:main.example': { aliases: ['www.example'], auth: { allow_http: true } },
    'USERS:main.example': { ada: JSON.stringify({ pass, salt }) }
  })
  const form = await ask(port, '/login', { host: 'www.example' })
  const [, csrf = ''] = /name="csrf" value="([^"]*)"/.exec(form.text) ?? []
  const body = new URLSearchParams({ login: 'ada', password: 'lovelace', csrf, next: '/x' })
  const done = await fetchAs('www.example', port, '/login', {
    method: 'POST',
    headers: {
      cookie: cookiesOf(form),
      'content-type': 'application/x-www-form-urlencoded'
    },
    body: String(body)
  })
  t.match(done, { status: 303, headers: { location: '/x' } })
  const session = cookiesOf(done)
  t.notMatch(String(done.headers['set-cookie']), /domain=/i, 'cookies stay with the host')
  for (const host of ['www.example', 'main.example'])
    t.match(await ask(port, '/x', { host, cookie: session }), { status: 200, text: 'secret' })
})

test('upstreams, ACME tokens and redirects know the names of a site', async (t) => {
  const origin = await startOrigin(t, (_request, connection) => {
    connection.write('HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\nfrom the origin')
  })
  const { port, set } = await startServer(t, {
    'PROXY:main.example': { target: origin.url },
    'SITE:main.example': { aliases: ['*.main.example'], redirect_aliases: ['old.example'] },
    'DATA:a.main.example:.well-known/acme-challenge/t1': 'of the alias',
    'DATA:main.example:.well-known/acme-challenge/t2': 'of the site',
    'DATA:old.example:.well-known/acme-challenge/t3': 'of the old name'
  })
  const get = async (host: string, path = '/'): Promise<Reply> => ask(port, path, { host })
  t.match(await get('a.main.example'), { status: 200, text: 'from the origin' })
  const challenge = '/.well-known/acme-challenge'
  t.equal((await get('a.main.example', `${challenge}/t1`)).text, 'of the alias')
  t.equal((await get('a.main.example', `${challenge}/t2`)).text, 'of the site')
  t.equal((await get('b.main.example', `${challenge}/t1`)).text, 'from the origin')
  t.equal((await get('old.example', `${challenge}/t3`)).text, 'of the old name')
  t.match(await get('old.example', `${challenge}/t2`), {
    status: 301,
    headers: { location: `http://main.example${challenge}/t2` }
  })
  t.equal(origin.requests.length, 2)
  await set('API:old.example', [['.*', 'all']])
  t.equal((await get('old.example')).status, 500, 'its own routes, which lead nowhere yet')
})

test('hosts of a wildcard share limits, metrics and cached values', async (t) => {
  const { port, app } = await startServer(
    t,
    {
      'API:*.example.org': [['.*', 'all']],
      'API:*.example.org:all': { methods: { GET: true }, index: 'index.html' },
      'FILES:*.example.org:/index.html': { content: 'a tenant' },
      'SITE:*.example.org': {
        rate_limits: [
          { name: 'all', limit: 3000, period: '1h', algorithm: 'fixed', count: 'process' }
        ]
      }
    },
    { allow: [] }
  )
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  t.teardown(() => agent.destroy())
  const statuses = new Map<number, number>()
  await Promise.all(
    Array.from({ length: 4000 }, async (_, nth) => {
      const { status } = await fetchAs(`h${nth}.example.org`, port, '/', { agent })
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    })
  )
  t.same(Object.fromEntries(statuses), { 200: 3000, 429: 1000 }, 'one budget for all')
  const families = await app.metrics.snapshot()
  const labels = JSON.stringify(families)
  t.match(labels, 'host=\\"*.example.org\\"')
  t.notMatch(labels, /h\d+\.example\.org/)
})

function cookiesOf({ headers }: Reply): string {
  return (headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]).join('; ')
}

interface Options extends RequestOptions {
  body?: string
}

async function fetchAs(
  host: string,
  port: number,
  path: string,
  { body, headers, ...options }: Options = {}
): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const all = { ...(headers as Record<string, string> | undefined), host }
  request({ agent: false, ...options, port, path, headers: all }, (response) => {
    const { statusCode: status = 0, headers: received } = response
    text(response).then((content) => resolve({ status, headers: received, text: content }), reject)
  })
    .on('error', reject)
    .end(body)
  return promise
}
