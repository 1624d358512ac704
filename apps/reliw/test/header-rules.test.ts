import { newApiKey } from '@reliw/auth'
import { rawRequest, respond, startOrigin } from '@reliw/testing'
import { test } from 'tap'
import { protectedSite } from './protected-site.ts'
import { startServer } from './start-server.ts'

interface Head {
  status: number
  /** The values of each header, by its name in lower case. */
  headers: Record<string, string[]>
}

/** The head of the response to a request: its first line and further header lines. */
async function head(port: number, start: string, ...lines: string[]): Promise<Head> {
  const host = lines.some((line) => line.startsWith('Host:')) ? [] : ['Host: a.example']
  const request = [`${start} HTTP/1.1`, ...host, 'Connection: close', ...lines]
  const response = await rawRequest(port, `${request.join('\r\n')}\r\n\r\n`)
  const [first = '', ...fields] = (response.split('\r\n\r\n')[0] ?? '').split('\r\n')
  const headers: Record<string, string[]> = {}
  for (const field of fields) {
    const [name = '', value = ''] = field.split(/: (.*)/s)
    ;(headers[name.toLowerCase()] ??= []).push(value)
  }
  return { status: Number(first.split(' ')[1]), headers }
}

const PAGE = { 'FILES:a.example:/page.html': { content: '<p>page' } }

test('rules of a site apply to every kind of response, and to no other site', async (t) => {
  const origin = await startOrigin(
    t,
    respond('body', { server: 'origin/1', 'x-set': 'of the origin', 'x-default': 'of the origin' })
  )
  const rules = {
    set: { 'X-Set': 'site' },
    add: { 'x-add': ['1', '2'], 'set-cookie': 'site=1' },
    remove: ['server'],
    default: { 'x-default': 'site' }
  }
  const { port, set } = await startServer(
    t,
    {
      ...(await protectedSite(
        {
          page: { file: '/page.html' },
          folder: { gsub: { pattern: '^/folder$', replacement: '/dir' }, index: 'index.html' },
          secret: { file: '/page.html', auth: ['ada'] },
          basic: { file: '/page.html', auth: { any: ['basic'] } },
          api: { proxy: { target: origin.url } },
          gone: { proxy: { target: '127.0.0.1:9', retry: false } },
          limited: { file: '/page.html', rate_limit: { GET: { limit: 1, period: 3600 } } }
        },
        'a.example'
      )),
      ...PAGE,
      'FILES:a.example:/large.bin': { content: 'x'.repeat(3_000_000) },
      'SITE:a.example': { headers: { response: rules } },
      'API:b.example': [['^/', 'page']],
      'API:b.example:page': { methods: { GET: true } },
      WAF: { 'a.example': JSON.stringify({ query: ['blocked'] }) }
    },
    { max_body_size: 10 }
  )
  for (const [start, status, ...lines] of [
    ['GET /page', 200],
    ['HEAD /page', 200],
    ['GET /page', 304, 'If-None-Match: *'],
    ['GET /page', 206, 'Range: bytes=1-2'],
    ['GET /page', 416, 'Range: bytes=99-'],
    ['GET /page', 412, 'If-Match: "x"'],
    ['POST /page', 405],
    ['GET /none', 404],
    ['GET /page?blocked', 403],
    ['GET /secret', 302],
    ['GET /basic', 401],
    ['GET /login', 200],
    ['POST /logout', 303],
    ['GET /limited', 200],
    ['GET /limited', 429],
    ['GET /api', 200],
    ['GET /gone', 502],
    ['GET /page%2fx', 400],
    ['GET /%', 400]
  ] as const) {
    const { status: sent, headers } = await head(port, start, ...lines)
    t.equal(sent, status, start)
    t.strictSame(headers['x-set'], ['site'], `${start}: set`)
    t.strictSame(headers['x-add'], ['1', '2'], `${start}: add`)
    t.ok(headers['set-cookie']?.includes('site=1'), `${start}: a further cookie`)
    t.strictSame(headers['x-default'], [start === 'GET /api' ? 'of the origin' : 'site'], start)
    t.equal(headers['server'], undefined, start)
  }
  const { headers } = await head(port, 'GET /', 'Host: b.example')
  t.equal(headers['x-set'], undefined)
  await set('SITE:a.example', { headers: { response: { set: { 'x-new': 'now' } } } })
  const changed = await head(port, 'GET /page')
  t.match(changed.headers, { 'x-new': ['now'] }, 'a change applies to the next request')
  t.equal(changed.headers['x-set'], undefined)
})

test('later levels take precedence: server, site, entry, upstream, plugins', async (t) => {
  const origin = await startOrigin(t, respond('body', { 'x-a': 'origin', 'x-b': 'origin' }))
  const { port } = await startServer(t, {
    ...PAGE,
    'SITE:a.example': {
      headers: {
        response: {
          set: { 'x-a': 'site', 'cache-control': 'public, max-age=60', 'retry-after': '7' },
          default: { 'x-d': 'site', 'x-e': 'site', 'x-f': 'site' },
          remove: ['x-gone']
        },
        request: { set: { 'x-key': 'site', 'x-more': 'site' } }
      }
    },
    'API:a.example': [
      ['^/plain', 'plain'],
      ['^/rules', 'rules'],
      ['^/api', 'api'],
      ['^/secret', 'secret'],
      ['^/none', 'none']
    ],
    'API:a.example:plain': {
      methods: { GET: true },
      file: '/page.html',
      headers: { 'X-A': 'plain', 'x-gone': 'plain' }
    },
    'API:a.example:rules': {
      methods: { GET: true },
      file: '/page.html',
      headers: {
        response: { set: { 'x-a': 'entry' }, remove: ['x-d'], default: { 'x-e': 'entry' } }
      }
    },
    'API:a.example:api': {
      methods: { GET: true },
      headers: {
        response: { set: { 'x-a': 'entry', 'x-b': 'entry' } },
        request: { set: { 'x-key': 'entry' }, remove: ['cookie'], default: { 'x-d': 'entry' } }
      },
      proxy: {
        target: origin.url,
        headers: {
          response: { set: { 'x-a': 'upstream' } },
          request: { set: { 'X-Key': 'upstream', authorization: 'Basic eA==' } }
        }
      }
    },
    'API:a.example:secret': {
      methods: { GET: true },
      file: '/page.html',
      auth: { any: ['basic'] }
    },
    'API:a.example:none': { methods: { GET: true }, file: '/none' }
  })
  t.match((await head(port, 'GET /plain')).headers, {
    'x-a': ['plain'],
    'x-gone': ['plain'],
    'x-f': ['site'],
    'cache-control': ['public, max-age=60']
  })
  const ofRules = (await head(port, 'GET /rules')).headers
  t.match(ofRules, { 'x-a': ['entry'], 'x-e': ['entry'], 'x-f': ['site'] })
  t.equal(ofRules['x-d'], undefined)
  const lines = ['X_Key: forged', 'X-Key: forged', 'Cookie: a=1', 'Authorization: mine', 'x-d: own']
  t.match((await head(port, 'GET /api', ...lines)).headers, {
    'x-a': ['upstream'],
    'x-b': ['entry']
  })
  const [received] = origin.requests
  t.match(
    ['x-key', 'x-more', 'authorization', 'x-d'].map((name) => received?.header(name)),
    ['upstream', 'site', 'Basic eA==', 'own']
  )
  t.notMatch(JSON.stringify(received), /forged|mine|a=1/)
  const none = await head(port, 'GET /none')
  t.match(none, { status: 404, headers: { 'cache-control': ['no-store'], 'x-a': ['site'] } })
  t.match((await head(port, 'GET /secret')).headers, {
    'cache-control': ['no-store'],
    'www-authenticate': [/Basic/]
  })
})

test('rules of a site about caching do not make content that needs a login public', async (t) => {
  const { key, hash } = newApiKey()
  const { port } = await startServer(t, {
    ...PAGE,
    'SITE:a.example': { headers: { response: { set: { 'cache-control': 'public, max-age=60' } } } },
    'KEYS:a.example': {
      [hash]: JSON.stringify({
        user: 'ada'
      })
    },
    'API:a.example': [['^/', 'secret']],
    'API:a.example:secret': {
      methods: { GET: true },
      file: '/page.html',
      auth: { any: ['api_key'] }
    }
  })
  const { status, headers } = await head(port, 'GET /', `X-API-Key: ${key}`)
  t.match(
    { status, caching: headers['cache-control'] },
    { status: 200, caching: ['private, no-cache'] }
  )
})

test('nor content for some addresses only', async (t) => {
  const rule = { set: { 'cache-control': 'public, max-age=60' } }
  for (const rules of [{ allow_from: ['127.0.0.1'] }, { deny_from: ['192.0.2.1'] }]) {
    const { port } = await startServer(t, {
      ...PAGE,
      'SITE:a.example': { headers: { response: rule } },
      'API:a.example': [['^/', 'page']],
      'API:a.example:page': { methods: { GET: true }, file: '/page.html', ...rules }
    })
    const { status, headers } = await head(port, 'GET /')
    t.match(
      { status, caching: headers['cache-control'] },
      { status: 200, caching: ['private, no-cache'] }
    )
  }
})

test('the preset `security` adds headers unless the response has them', async (t) => {
  const origin = await startOrigin(
    t,
    respond('', {
      'content-security-policy': "frame-ancestors 'none'",
      'referrer-policy': 'origin'
    })
  )
  const csp = await startOrigin(t, respond('', { 'content-security-policy': "default-src 'self'" }))
  const { port, set } = await startServer(
    t,
    {
      ...PAGE,
      'SITE:a.example': { headers: { security: true } },
      'API:a.example': [
        ['^/framed', 'framed'],
        ['^/off', 'off'],
        ['^/api', 'api'],
        ['^/csp', 'csp'],
        ['^/', 'page']
      ],
      'API:a.example:page': { methods: { GET: true }, file: '/page.html' },
      'API:a.example:framed': {
        methods: { GET: true },
        file: '/page.html',
        headers: { security: { frame_ancestors: 'https://portal.example' } }
      },
      'API:a.example:off': {
        methods: { GET: true },
        file: '/page.html',
        headers: { security: false }
      },
      'API:a.example:api': { methods: { GET: true }, proxy: { target: origin.url } },
      'API:a.example:csp': { methods: { GET: true }, proxy: { target: csp.url } }
    },
    { trusted_proxies: ['127.0.0.0/8'] }
  )
  const PRESET = {
    'x-content-type-options': ['nosniff'],
    'referrer-policy': ['strict-origin-when-cross-origin'],
    'permissions-policy': ['camera=(), geolocation=(), microphone=()'],
    'content-security-policy': ["frame-ancestors 'self'"]
  }
  for (const path of ['/', '/%', '/?x'])
    t.match((await head(port, `GET ${path}`)).headers, PRESET, path)
  const plain = await head(port, 'GET /')
  t.equal(plain.headers['strict-transport-security'], undefined)
  const secure = await head(port, 'GET /', 'X-Forwarded-Proto: https')
  t.match(secure.headers, { ...PRESET, 'strict-transport-security': ['max-age=31536000'] })
  t.match((await head(port, 'GET /api')).headers, {
    'content-security-policy': ["frame-ancestors 'none'"],
    'referrer-policy': ['origin']
  })
  t.match((await head(port, 'GET /csp')).headers, {
    'content-security-policy': ["default-src 'self'", "frame-ancestors 'self'"]
  })
  await set('SITE:a.example', {
    headers: {
      security: {
        referrer_policy: 'no-referrer',
        permissions_policy: false,
        hsts: { max_age: '1d', include_subdomains: true }
      }
    }
  })
  const framed = await head(port, 'GET /framed', 'X-Forwarded-Proto: https')
  t.match(framed.headers, {
    'content-security-policy': ['frame-ancestors https://portal.example'],
    'referrer-policy': ['no-referrer'],
    'strict-transport-security': ['max-age=86400; includeSubDomains']
  })
  t.equal(framed.headers['permissions-policy'], undefined)
  const off = await head(port, 'GET /off')
  t.equal(off.headers['referrer-policy'], undefined)
  t.equal(off.headers['content-security-policy'], undefined)
})

test('the preset `cors` answers preflights before auth, and every response varies by origin', async (t) => {
  const origin = await startOrigin(
    t,
    respond('body', { 'access-control-allow-origin': '*', vary: 'Accept-Language' })
  )
  const cors = {
    origins: ['https://app.example', 'https://*.b.example', 'http://localhost:*'],
    methods: ['GET', 'PUT'],
    headers: ['X-Token'],
    exposed_headers: ['ETag'],
    credentials: true,
    max_age: '5m'
  }
  const { port, set } = await startServer(t, {
    ...PAGE,
    'SITE:a.example': { headers: { cors } },
    'API:a.example': [
      ['^/secret', 'secret'],
      ['^/api', 'api'],
      ['^/own', 'own'],
      ['^/off', 'off'],
      ['^/page', 'page']
    ],
    'API:a.example:page': { methods: { GET: true }, file: '/page.html' },
    'API:a.example:secret': { methods: { PUT: true }, auth: { any: ['basic'] } },
    'API:a.example:api': { methods: { GET: true }, proxy: { target: origin.url } },
    'API:a.example:own': {
      methods: { GET: true },
      file: '/page.html',
      headers: { cors: { origins: ['*'] } }
    },
    'API:a.example:off': { methods: { GET: true }, file: '/page.html', headers: { cors: false } }
  })
  const asks = ['Access-Control-Request-Method: PUT', 'Access-Control-Request-Headers: x-token']
  const ALLOWED = 'Origin: https://app.example'
  for (const path of ['/secret', '/api', '/page', '/none', '/page%2fx']) {
    const { status, headers } = await head(port, `OPTIONS ${path}`, ALLOWED, ...asks)
    t.match(
      { status, headers },
      {
        status: path === '/page%2fx' ? Number : 204,
        headers: {
          'access-control-allow-origin': ['https://app.example'],
          'access-control-allow-credentials': ['true'],
          'access-control-allow-methods': ['GET, PUT'],
          'access-control-allow-headers': ['X-Token'],
          'access-control-max-age': ['300'],
          vary: ['Origin, Access-Control-Request-Method, Access-Control-Request-Headers']
        }
      },
      path
    )
  }
  t.equal(origin.requests.length, 0, 'origins get no preflights')
  for (const [start, status, ...lines] of [
    ['GET /page', 200],
    ['GET /page', 304, 'If-None-Match: *'],
    ['GET /none', 404],
    ['PUT /secret', 401],
    ['POST /page', 405],
    ['GET /api', 200],
    ['GET /%', 400]
  ] as const) {
    const allowed = await head(port, start, ALLOWED, ...lines)
    t.match(
      allowed,
      {
        status,
        headers: {
          'access-control-allow-origin': ['https://app.example'],
          'access-control-allow-credentials': ['true'],
          'access-control-expose-headers': ['ETag']
        }
      },
      start
    )
    for (const foreign of ['Origin: https://evil.example', 'Origin: null', 'X-None: 1']) {
      const { headers } = await head(port, start, foreign, ...lines)
      t.equal(headers['access-control-allow-origin'], undefined, `${start}, ${foreign}`)
      t.equal(headers['vary']?.length, 1, `${start}, ${foreign}`)
      t.match(headers['vary']?.[0], /(^|, )Origin$/, `${start}, ${foreign}`)
    }
  }
  for (const [given, isAllowed] of [
    ['https://x.b.example', true],
    ['https://x.y.b.example', true],
    ['https://b.example', false],
    ['https://evil.example/.b.example', false],
    ['https://evil.example:1.b.example', false],
    ['https://evil@x.b.example', false],
    ['http://x.b.example', false],
    ['https://xb.example', false],
    ['http://localhost', true],
    ['http://localhost:5173', true],
    ['http://localhost:5173.evil.example', false],
    ['http://localhost.evil.example:80', false]
  ] as const) {
    const { headers } = await head(port, 'GET /page', `Origin: ${given}`)
    t.strictSame(headers['access-control-allow-origin'], isAllowed ? [given] : undefined, given)
  }
  const own = await head(port, 'GET /own', 'Origin: https://evil.example')
  t.strictSame(own.headers['access-control-allow-origin'], ['*'])
  t.equal(own.headers['access-control-allow-credentials'], undefined)
  t.notMatch(own.headers['vary']?.join() ?? '', /origin/i)
  t.equal((await head(port, 'OPTIONS /off', ALLOWED, ...asks)).status, 405)
  await set('PROXY:a.example', { target: origin.url })
  const whole = await head(port, 'OPTIONS /x', ALLOWED, ...asks)
  t.equal(whole.status, 204)
  t.equal(origin.requests.filter(({ method }) => method === 'OPTIONS').length, 0)
  await head(port, 'OPTIONS /x', ALLOWED)
  t.equal(origin.requests.at(-1)?.method, 'OPTIONS', 'an OPTIONS that is no preflight is forwarded')
})

test('a site whose settings were never valid refuses requests until they are corrected', async (t) => {
  const { port, app, set } = await startServer(t, {
    ...PAGE,
    'SITE:a.example': '{"headers":{"response":{"set":{"etag":"x"}}}}',
    'API:a.example': [['^/', 'page']],
    'API:a.example:page': { methods: { GET: true }, file: '/page.html' }
  })
  // The site's rules for clients' addresses are unknown, too.
  t.match(await head(port, 'GET /'), { status: 500 })
  await set('SITE:a.example', { headers: { security: true } })
  const response = await app.inject({ url: '/', headers: { host: 'a.example' } })
  t.match(response.headers, { 'referrer-policy': 'strict-origin-when-cross-origin' })
})
