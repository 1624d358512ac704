import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accessEvents, type AccessRefusedEvent, publisherOf } from '@reliw/http'
import { listen } from '@reliw/options'
import { mmdb, rawRequest, respond, startOrigin, tempDir, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import type { Config } from '../src/index.ts'
import { type Server, startServer } from './start-server.ts'

const GET = { GET: true }
const BEHIND_PROXY = { trusted_proxies: ['127.0.0.1'] } satisfies Config
const PAGE = {
  'API:a.example': [
    ['^/admin', 'admin'],
    ['/login', 'login', true],
    ['^/', 'page']
  ],
  'API:a.example:page': { methods: GET, css_file: '/own.css' },
  'API:a.example:admin': {
    methods: GET,
    auth: ['root'],
    allow_from: ['10.0.0.0/8', '2001:db8::/32']
  },
  'API:a.example:login': { methods: { GET: true, POST: true }, auth: { login: true } },
  'FILES:a.example:/page.txt': { content: 'a page' },
  'FILES:a.example:/admin.txt': { content: 'a secret' },
  'DATA:a.example:template.html': '<title>A</title>the layout of a.example ${content}'
}

interface Seen {
  status: number
  text: string
  head: string
}

/** A response to a client, as the proxy before the server names it. */
async function ask(
  { port }: Pick<Server, 'port'>,
  client: string | undefined,
  path: string,
  { host = 'a.example', headers = '', method = 'GET' } = {}
): Promise<Seen> {
  const named = client === undefined ? '' : `X-Forwarded-For: ${client}\r\n`
  const text = await rawRequest(
    port,
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${named}${headers}Connection: close\r\n\r\n`
  )
  const [head = ''] = text.split('\r\n\r\n', 1)
  return { status: Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]), head, text }
}

async function statusOf(...args: Parameters<typeof ask>): Promise<number> {
  return (await ask(...args)).status
}

/** Collects refusals of a server. */
function refusals(t: Test, { app }: Server): AccessRefusedEvent[] {
  const events: AccessRefusedEvent[] = []
  t.teardown(listen(accessEvents.refused, publisherOf(app), (event) => void events.push(event)))
  return events
}

/** Value of a metric with these labels, in the order of its family. */
async function metric({ app }: Server, name: string, ...labels: string[]): Promise<number> {
  const families = await app.metrics.snapshot()
  const samples = families.find((family) => family.name === name)?.samples ?? []
  const found = samples.find(([key]) => labels.every((label) => key.includes(`"${label}"`)))
  return Number(found?.[1] ?? 0)
}

t.test('a site serves only the clients that it allows, whatever they request', async (t) => {
  const origin = await startOrigin(t, respond('from the origin'))
  const server = await startServer(
    t,
    {
      ...PAGE,
      'SITE:a.example': {
        aliases: ['www.a.example'],
        allow_from: '10.0.0.0/8, 2001:db8::/32',
        deny_from: ['10.1.0.0/16']
      },
      'SITE:p.example': { allow_from: ['10.0.0.0/8'] },
      'PROXY:p.example': { target: `127.0.0.1:${origin.port}` },
      'API:open.example': [['^/', 'page']],
      'API:open.example:page': { methods: GET },
      'FILES:open.example:/page.txt': { content: 'open' },
      WAF: { __: JSON.stringify({ query: ['/%.git'] }) }
    },
    { ...BEHIND_PROXY, auto_ban: { waf_blocks: { threshold: 1 }, not_found: { threshold: 1 } } }
  )
  const events = refusals(t, server)

  for (const client of ['10.0.0.1', '::ffff:10.0.0.1', '2001:db8::7']) {
    t.match(await ask(server, client, '/page.txt'), { status: 200, text: /a page/ }, client)
  }
  t.equal(await statusOf(server, '10.0.0.1', '/page.txt', { host: 'www.a.example' }), 200)
  t.match(await ask(server, '10.0.0.1', '/', { host: 'p.example' }), { text: /from the origin/ })
  const { requests } = origin
  t.equal(requests.length, 1)

  for (const [client, path, options] of [
    ['10.1.0.1', '/page.txt', {}],
    ['192.0.2.1', '/page.txt', {}],
    ['192.0.2.1', '/page.txt', { host: 'www.a.example' }],
    ['192.0.2.1', '/missing', {}],
    ['192.0.2.1', '/login', { method: 'POST' }],
    ['192.0.2.1', '/admin.txt', {}],
    ['192.0.2.1', '/.git/config', {}],
    ['192.0.2.1', '/%2e%2e/x', { host: 'p.example' }],
    ['192.0.2.1', '/', { host: 'P.example.:8080' }],
    ['192.0.2.1', '*', { method: 'OPTIONS', host: 'p.example' }],
    [
      '192.0.2.1',
      '/',
      { host: 'p.example', headers: 'Upgrade: websocket\r\nConnection: upgrade\r\n' }
    ],
    ['2001:db9::1', '/', { host: 'p.example' }],
    [undefined, '/', { host: 'p.example' }]
  ] as const) {
    const { status, text } = await ask(server, client, path, options)
    const what = `${client} ${path} ${JSON.stringify(options)}`
    // Invalid paths are refused before the site is known.
    t.equal(status, path.includes('%2e') ? 400 : 403, what)
    t.notMatch(text, /a page|secret|origin|allow_from|10\.0/, what)
  }
  t.equal(requests.length, 1, 'no refused request reaches an origin')
  const refused = await ask(server, '192.0.2.1', '/page.txt')
  t.match(refused.text, /the layout of a\.example/, "the error page is the site's")
  t.match(refused.head, /cache-control: no-store/i)

  t.match(events[0], { host: 'a.example', clientIp: '10.1.0.1', reason: 'denied', rule: 'site' })
  t.match(events[1], { clientIp: '192.0.2.1', reason: 'not allowed', rule: 'site' })
  t.ok(await server.line({ status: 403, error: 'RELIW_ACCESS_REFUSED' }), 'in the log')
  t.equal(await metric(server, 'reliw_access_refused_total', 'a.example', 'denied'), 1)
  t.ok((await metric(server, 'reliw_access_refused_total', 'a.example', 'not allowed')) > 3)
  t.equal(await statusOf(server, '192.0.2.1', '/page.txt', { host: 'open.example' }), 200, 'no ban')

  await server.set('SITE:a.example', { deny_from: '192.0.2.0/24' })
  t.equal(await statusOf(server, '192.0.2.1', '/page.txt'), 403)
  t.equal(await statusOf(server, '203.0.113.1', '/page.txt'), 200, 'a change is live')
  await server.set('SITE:a.example', undefined)
  t.equal(await statusOf(server, '192.0.2.1', '/page.txt'), 200)
})

t.test('an entry is served to the clients that it allows, before they can log in', async (t) => {
  const origin = await startOrigin(t, respond('from the origin'))
  const proxy = { target: `127.0.0.1:${origin.port}` }
  const rules = { allow_from: ['10.0.0.0/8'] }
  const server = await startServer(
    t,
    {
      ...PAGE,
      'API:a.example': [
        ['^/admin', 'admin'],
        ['^/api', 'api'],
        ['^/inner', 'inner'],
        ['/login', 'login', true],
        ['^/', 'page']
      ],
      'API:a.example:api': { methods: { GET: true, POST: true }, proxy, ...rules },
      'API:a.example:inner': { methods: GET, ...rules },
      'API:a.example:login': {
        methods: { GET: true, POST: true },
        auth: { login: true },
        ...rules
      },
      'FILES:a.example:/inner.txt': { content: 'a secret' }
    },
    BEHIND_PROXY
  )
  const events = refusals(t, server)
  const outside = '192.0.2.1'
  for (const [path, method] of [
    ['/admin.txt', 'GET'],
    ['/admin-missing', 'GET'],
    ['/inner.txt', 'GET'],
    ['/inner.txt', 'POST'],
    ['/inner-missing', 'GET'],
    ['/inner.txt', 'OPTIONS'],
    ['/login', 'GET'],
    ['/login', 'POST'],
    ['/login', 'DELETE'],
    ['/api/x', 'GET'],
    ['/api/%2e/x', 'GET'],
    ['/api//x', 'POST']
  ] as const) {
    const { status, text, head } = await ask(server, outside, path, { method })
    t.equal(status, 403, `${method} ${path}`)
    t.notMatch(text, /secret|origin|password/, path)
    t.notMatch(head, /location|www-authenticate|set-cookie|allow:/i, path)
  }
  t.equal(origin.requests.length, 0)
  t.match(events[0], { rule: 'entry', reason: 'not allowed', clientIp: outside })
  t.equal(await statusOf(server, outside, '/page.txt'), 200, 'other entries are not affected')
  t.equal(await statusOf(server, '10.0.0.1', '/admin.txt'), 302, 'then the login')
  t.equal(await statusOf(server, '10.0.0.1', '/login'), 200)
  const inner = await ask(server, '10.0.0.1', '/inner.txt')
  t.match(inner, { status: 200, head: /cache-control: private, no-cache/i })
  t.match(await ask(server, '10.0.0.1', '/api/x'), { status: 200, text: /from the origin/ })
  t.equal(await statusOf(server, '10.0.0.1', '/inner-missing'), 404)

  await server.set('SITE:a.example', {
    deny_from: '10.9.0.0/16',
    allow_from: '192.0.2.1 10.0.0.0/8'
  })
  t.equal(
    await statusOf(server, outside, '/inner.txt'),
    403,
    'the entry narrows what the site allows'
  )
  t.equal(
    await statusOf(server, '10.9.0.1', '/inner.txt'),
    403,
    'an entry cannot admit whom the site denies'
  )
  t.equal(await statusOf(server, '10.0.0.1', '/inner.txt'), 200)
})

t.test('named lists are shared, live, and refuse while they are missing', async (t) => {
  const server = await startServer(
    t,
    {
      ...PAGE,
      'SITE:a.example': { allow_from: ['10.0.0.1', 'list:office'], deny_from: 'list:bad' }
    },
    BEHIND_PROXY
  )
  const events = refusals(t, server)
  t.match(await ask(server, '10.0.0.1', '/page.txt'), { status: 503, head: /retry-after/i })
  t.match(events[0], { reason: 'undecided', rule: 'site' })
  const { access } = await server.line({ msg: 'clients are refused: a rule cannot be decided' })
  t.match(access, {
    site: 'a.example',
    mistake: /deny_from: there is no list "bad": store LIST:bad/
  })
  await server.set('LIST:bad', { addresses: ['10.0.0.0/30'] })
  t.equal(await statusOf(server, '10.0.0.1', '/page.txt'), 403)
  await server.set('LIST:bad', { addresses: [] })
  t.equal(await statusOf(server, '10.0.0.1', '/page.txt'), 200)
  t.equal(await statusOf(server, '192.0.2.1', '/page.txt'), 503)
  await server.set('LIST:office', { addresses: '192.0.2.0/24 2001:db8::/32' })
  t.equal(await statusOf(server, '192.0.2.1', '/page.txt'), 200)
  t.equal(await statusOf(server, '2001:db8::1', '/page.txt'), 200)
  t.equal(await statusOf(server, '198.51.100.1', '/page.txt'), 403)
  await server.set('LIST:office', '{"addresses": ["')
  t.equal(
    await statusOf(server, '192.0.2.1', '/page.txt'),
    200,
    'the last valid one stays in force'
  )
  await server.set('LIST:office', undefined)
  t.equal(await statusOf(server, '192.0.2.1', '/page.txt'), 503)
})

/** A record of a database. */
const record = (iso_code: string) => ({ country: { iso_code } })

t.test('countries and systems are those of databases, which may change', async (t) => {
  const dir = tempDir(t)
  const geo = { country: join(dir, 'country.mmdb'), asn: join(dir, 'asn.mmdb') }
  const write = async (file: string, content: Buffer): Promise<void> => {
    await writeFile(join(dir, 'new'), content)
    await rename(join(dir, 'new'), file)
  }
  await write(
    geo.country,
    mmdb('Country', { '10.0.0.0/8': record('DE'), '192.0.2.0/24': record('FR') })
  )
  const server = await startServer(
    t,
    {
      ...PAGE,
      'SITE:a.example': { allow_from: ['country:DE', 'asn:64500'], deny_from: 'country:FR' },
      'API:de.example': [['^/', 'page']],
      'API:de.example:page': { methods: GET, allow_from: ['country:de'] },
      'FILES:de.example:/page.txt': { content: 'de' }
    },
    { ...BEHIND_PROXY, geo }
  )
  t.match(await server.line({ msg: 'geo database cannot be read' }), { access: { geo: 'asn' } })
  const seen = async (client: string): Promise<number> => statusOf(server, client, '/page.txt')
  t.equal(await seen('10.0.0.1'), 200)
  t.equal(await seen('192.0.2.1'), 403)
  t.equal(await seen('198.51.100.1'), 503, 'the system of an address is not known')
  t.equal(await statusOf(server, '198.51.100.1', '/page.txt', { host: 'de.example' }), 403)
  t.equal(await statusOf(server, '10.0.0.1', '/page.txt', { host: 'de.example' }), 200)
  await write(geo.asn, mmdb('ASN', { '198.51.100.0/24': { autonomous_system_number: 64500 } }))
  await waitFor(async () => (await seen('198.51.100.1')) === 200, 'the database of systems')
  t.equal(await seen('203.0.113.1'), 403)
  await write(geo.country, mmdb('Country', { '198.51.100.0/24': record('FR') }))
  await waitFor(async () => (await seen('198.51.100.1')) === 403, 'the new countries')
})

t.test('without a database, rules about countries refuse everybody, and say why', async (t) => {
  const server = await startServer(
    t,
    { ...PAGE, 'SITE:a.example': { deny_from: 'country:KP' } },
    BEHIND_PROXY
  )
  t.equal(await statusOf(server, '10.0.0.1', '/page.txt'), 503)
  const { access } = await server.line({ msg: 'clients are refused: a rule cannot be decided' })
  t.match(access, {
    mistake: /deny_from: "country:" needs a database: set geo.country in the config/
  })
})

t.test('rules that cannot be read refuse everybody', async (t) => {
  const origin = await startOrigin(t, respond('from the origin'))
  const server = await startServer(
    t,
    {
      'SITE:a.example': '{"allow_from": 7}',
      'PROXY:a.example': { target: `127.0.0.1:${origin.port}` }
    },
    BEHIND_PROXY
  )
  t.equal(await statusOf(server, '10.0.0.1', '/'), 500)
  t.equal(origin.requests.length, 0)
})

t.test(
  'the issuer of certificates reaches a token of a site that allows only others',
  async (t) => {
    const server = await startServer(
      t,
      {
        ...PAGE,
        'SITE:a.example': { allow_from: '10.0.0.1' },
        'DATA:a.example:.well-known/acme-challenge/token': 'the proof'
      },
      BEHIND_PROXY
    )
    const folder = '/.well-known/acme-challenge'
    t.match(await ask(server, '192.0.2.1', `${folder}/token`), { status: 200, text: /the proof/ })
    t.equal(await statusOf(server, '192.0.2.1', `${folder}/other`), 403)
    t.equal(await statusOf(server, '192.0.2.1', `${folder}/token/../../page.txt`), 400)
  }
)

t.test('an untrusted client cannot claim another address', async (t) => {
  const server = await startServer(t, { ...PAGE, 'SITE:a.example': { allow_from: '10.0.0.1' } })
  const headers = 'X-Real-IP: 10.0.0.1\r\nForwarded: for=10.0.0.1\r\n'
  t.equal(await statusOf(server, '10.0.0.1', '/page.txt', { headers }), 403)
  await server.set('SITE:a.example', { allow_from: '127.0.0.1' })
  t.equal(await statusOf(server, '10.0.0.1', '/page.txt', { headers }), 200)
})
