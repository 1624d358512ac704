import type { ForwardSettings } from '@reliw/model'
import t, { type Test } from 'tap'
import type { ForwardRequest } from '../src/forward/forward-auth.ts'
import { respondsWith, requestFrom, startAuth } from './forward-fixtures.ts'

type Headers = readonly (readonly [string, string])[]

/** What an auth server got of a request. */
async function requestAt(t: Test, request: ForwardRequest, changes: Partial<ForwardSettings> = {}) {
  const { auth, server } = await startAuth(t, respondsWith(200), changes)
  const decision = await auth.authorize(request)
  t.equal(decision.kind, 'allowed')
  t.equal(server.requests.length, 1)
  const [received] = server.requests
  if (received === undefined) throw new Error('no request was received')
  return { received, server }
}

/** The headers of a received that are the client's own. */
async function shown(
  t: Test,
  rawHeaders: readonly string[],
  changes: Partial<ForwardSettings> = {}
): Promise<Headers> {
  const { received, server } = await requestAt(t, requestFrom(rawHeaders), changes)
  const own = ownHeaders(new URL(server.url).host).map(String)
  return received.headers.filter((header) => !own.includes(String(header)))
}

function ownHeaders(host: string): Headers {
  return [
    ['Host', host],
    ['Accept-Encoding', 'identity'],
    ['X-Forwarded-Method', 'POST'],
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Host', 'www.example.com:8443'],
    ['X-Forwarded-Uri', '/private?x=1&y=a%20b'],
    ['X-Forwarded-For', '203.0.113.7'],
    ['X-Real-IP', '203.0.113.7'],
    ['X-Request-Id', 'id-1'],
    ['Connection', 'keep-alive']
  ]
}

t.test('the request to the auth server is a GET that describes the client’s request', async (t) => {
  const { received, server } = await requestAt(t, requestFrom())
  t.equal(received.method, 'GET')
  t.equal(received.target, '/verify?rd=1')
  t.same(received.headers, ownHeaders(new URL(server.url).host))
})

t.test('the body is never announced, let alone sent', async (t) => {
  const { received, server } = await requestAt(
    t,
    requestFrom([
      'Content-Length',
      '5',
      'Transfer-Encoding',
      'chunked',
      'Content-Type',
      'text/plain',
      'Content-Encoding',
      'gzip',
      'Expect',
      '100-continue',
      'Trailer',
      'Digest'
    ])
  )
  t.same(received.headers, ownHeaders(new URL(server.url).host))
  t.equal(server.connectionBytes[0]?.toString('latin1'), received.head)
})

t.test('end-to-end headers of the client are shown as they are, credentials too', async (t) => {
  const headers = [
    ['Cookie', 'session=abc'],
    ['authorization', 'Bearer abc'],
    ['ACCEPT', 'text/html'],
    ['User-Agent', 'b\xe9ta'],
    ['X-Custom', '1'],
    ['x-custom', '2'],
    ['X-Requested-With', 'XMLHttpRequest'],
    ['Origin', 'https://www.example.com'],
    ['Accept-Language', '']
  ] as const
  const seen = await shown(t, headers.flat())
  t.same(sorted(seen), sorted(headers))
})

t.test('cookies that came in pieces become one header', async (t) => {
  const seen = await shown(t, ['cookie', 'a=1', 'accept', '*/*', 'cookie', 'b=2', 'Cookie', 'c=3'])
  t.same(sorted(seen), [
    ['Cookie', 'a=1; b=2; c=3'],
    ['accept', '*/*']
  ])
})

t.test(
  'headers that only proxies and auth servers set are not taken from the client',
  async (t) => {
    const names = [
      'X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Uri X-Forwarded-Method',
      'X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-Server X-Forwarded-User X-Forwarded-Email',
      'X-Forwarded-Groups X-Forwarded-Preferred-Username X-Forwarded-Access-Token',
      'X-Forwarded-Scheme X-Forwarded X-Forwarded- Forwarded X-Real-IP X-Client-IP Client-IP',
      'True-Client-IP CF-Connecting-IP X-Cluster-Client-IP Fastly-Client-IP X-Request-Id',
      'X-Original-URL X-Original-URI X-Original-Method X-Original-Host X-Rewrite-URL X-Host',
      'X-Scheme X-URL-Scheme Front-End-HTTPS X-Auth-Request-Redirect X-Auth-Request-User',
      'Remote-User Remote-Groups Remote-Email Remote-Name X-Remote-User X-Authentik-Username',
      'X-HTTP-Method-Override X-HTTP-Method X-Method-Override Proxy Host Proxy-Authorization'
    ].flatMap((line) => line.split(' '))
    const spoofed: string[] = []
    for (const name of names) {
      const under = name.replaceAll('-', '_')
      const spellings = [name, name.toLowerCase(), name.toUpperCase(), under, under.toLowerCase()]
      const odd = name.replaceAll('-', '.')
      for (const spelling of [...spellings, odd]) spoofed.push(spelling, 'evil')
    }
    t.same(await shown(t, [...spoofed, 'Accept', '*/*']), [['Accept', '*/*']])
  }
)

t.test('the headers that would name the user are not taken from the client', async (t) => {
  const changes = { user_header: 'X-Who', groups_header: 'x_teams' }
  const spoofed = 'X-Who x-who X_WHO x.who X-Teams x_teams X_TEAMS x-Teams'.split(' ')
  const headers = spoofed.flatMap((name) => [name, 'admin'])
  t.same(await shown(t, [...headers, 'X-Whom', '1'], changes), [['X-Whom', '1']])
})

t.test('headers of the client’s connection stay behind, and what Connection names', async (t) => {
  const headers = [
    ['Keep-Alive', 'timeout=5'],
    ['Connection', 'close, X-Hop'],
    ['connection', 'x-forwarded-for,host,,accept-encoding'],
    ['X-Hop', '1'],
    ['TE', 'trailers'],
    ['Upgrade', 'websocket'],
    ['HTTP2-Settings', 'AAMAAABkAARAAAAAAAIAAAAA'],
    ['Proxy-Connection', 'keep-alive'],
    ['Accept', '*/*']
  ]
  const { received, server } = await requestAt(t, requestFrom(headers.flat()))
  const own = ownHeaders(new URL(server.url).host)
  t.same(sorted(received.headers), sorted([...own, ['Accept', '*/*']]))
})

t.test('what makes a request conditional, partial or encoded stays behind', async (t) => {
  const names = 'If-None-Match If-Modified-Since If-Match If-Range Range Accept-Encoding If_Match'
  t.same(
    await shown(
      t,
      names.split(' ').flatMap((name) => [name, 'x'])
    ),
    []
  )
})

t.test('pseudo-headers and malformed headers are left out', async (t) => {
  const broken = [':authority', 'x', ':path', '/', 'X Y', '1', '', '1', 'X-\xe9', '1']
  const values = ['a\r\nRemote-User: admin', 'a\nb', 'a\0b', 'a\x7fb', '\u0100', '\u{1f600}']
  const headers = [...broken, ...values.flatMap((value) => ['X-Value', value])]
  t.same(await shown(t, [...headers, 'Accept', '*/*', 'X-Alone']), [
    ['Accept', '*/*'],
    ['X-Alone', '']
  ])
})

t.test('with a list of headers only those are shown', async (t) => {
  const headers = ['Cookie', 'a=1', 'Authorization', 'x', 'Accept', '*/*', 'Content-Type', 'x/y']
  const listed = (...names: string[]) => shown(t, headers, { request_headers: names })
  t.same(await listed('COOKIE', 'content-type'), [
    ['Content-Type', 'x/y'],
    ['Cookie', 'a=1']
  ])
  t.same(await listed('X-Other'), [])
  t.same(await listed(), [])
})

t.test('a list of headers opens no door that is closed', async (t) => {
  const names = [
    'Host Connection Content-Length Transfer-Encoding Upgrade TE Expect Accept-Encoding',
    'X-Forwarded-For x_forwarded_for X-Real-IP X-Request-Id Remote-User remote_user X-Who',
    'X-Original-URL'
  ].flatMap((line) => line.split(' '))
  const changes = { request_headers: names, user_header: 'X-Who' }
  t.same(
    await shown(
      t,
      names.flatMap((name) => [name, 'chunked']),
      changes
    ),
    []
  )
})

t.test('a client of unknown address is not taken for this machine', async (t) => {
  const { received } = await requestAt(t, requestFrom([], { clientIp: '' }))
  t.equal(received.header('x-forwarded-for'), 'unknown')
  t.equal(received.header('x-real-ip'), 'unknown')
})

t.test('the target is sent byte for byte', async (t) => {
  for (const url of ['/', '/?', '//evil.example/', '/%2e%2e/%00', '/caf\xe9?\xff', '*', '/a;b,c']) {
    const { received } = await requestAt(t, requestFrom([], { url }))
    t.equal(received.header('x-forwarded-uri'), url)
  }
})

t.test('a request that cannot be described exactly is refused', async (t) => {
  const { auth, server } = await startAuth(t, respondsWith(200))
  const untold: Partial<ForwardRequest>[] = [
    { url: '/a\r\nX-Forwarded-Uri: /public' },
    { url: '/a\nb' },
    { url: '/\u0141' },
    { url: '/\0' },
    { host: 'a\r\nb' },
    { method: 'GET\r\n' },
    { requestId: '\u{1f600}' },
    { clientIp: '::1\n' }
  ]
  for (const changes of untold) {
    t.same(await auth.authorize(requestFrom([], changes)), {
      kind: 'failed',
      reason: 'request to the auth server failed: ERR_INVALID_CHAR'
    })
  }
  t.equal(server.accepted, 0)
})

function sorted(headers: Headers): Headers {
  return headers.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}
