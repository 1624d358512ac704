import { rawRequest, respond, startOrigin, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

/** `/admin/x` in ways that one program or another takes for it, or for what lies beneath. */
const ATTEMPTS = [
  '/admin/x',
  '/%61dmin/x',
  '/%61%64%6d%69%6e/x',
  '/%2561dmin/x',
  '/%252561dmin/x',
  '/%25%36%31dmin/x',
  '/admin%2fx',
  '/admin%2Fx',
  '/admin%5cx',
  '/admin%252fx',
  '/admin%255cx',
  '/admin%3bx',
  '/admin;x/x',
  '/admin%3fx',
  '/admin%23x',
  '/admin%2e/x',
  '//admin/x',
  '///admin/x',
  '/./admin/x',
  '/.//admin/x',
  '/%2e/admin/x',
  '/%2f/admin/x',
  '/%2fadmin/x',
  '/%2f%2fadmin/x',
  '/%5cadmin/x',
  '/%5c%5cadmin/x',
  '/%252fadmin/x',
  '/%255cadmin/x',
  '/;x/admin/x',
  '/;/admin/x',
  '/%3b/admin/x',
  '/;a=1//admin/x',
  '/%2e%2fadmin/x',
  '/%2e%5cadmin/x',
  '/open/../admin/x',
  '/open/%2e%2e/admin/x',
  '/open/.%2e/admin/x',
  '/open/%2e./admin/x',
  '/open/..%2fadmin/x',
  '/open/%2e%2e%2fadmin/x',
  '/open%2f..%2fadmin/x',
  '/open%2f%2e%2e%2fadmin%2fx',
  '/open/..%5cadmin/x',
  '/open%5c..%5cadmin/x',
  '/open/%252e%252e/admin/x',
  '/open/%252e%252e%252fadmin/x',
  '/open/..%252fadmin/x',
  '/open/..%255cadmin/x',
  '/open/%25252e%25252e/admin/x',
  '/open/..;/admin/x',
  '/open/..;x=1/admin/x',
  '/open/%2e%2e;/admin/x',
  '/open/..%3b/admin/x',
  '/open/%2e%2e%3bx/admin/x',
  '/open;/%2e%2e/admin/x',
  '/open//%2e%2e/admin/x',
  '/open//..%2fadmin/x',
  '/open//..%2f..%2fadmin/x',
  '/open/x/..%2f..%2fadmin/x',
  '/open/%2e/%2e%2e/admin/x',
  '/open/..%2f;/admin/x',
  '/open/..%2f%3b/admin/x',
  '/files/..%2fadmin/x',
  '/files/%2e%2e/admin/x',
  '/files%2f..%2fadmin/x',
  '/%c0%afadmin/x',
  '/open/%c0%ae%c0%ae/admin/x',
  '/open/..%c0%afadmin/x',
  '/open/..%e0%80%afadmin/x',
  '/open/..%c1%9cadmin/x',
  '/open/..%u2215admin/x',
  '/open/..%00/admin/x',
  '/admin%00/x',
  '/%00admin/x',
  '/open%0d%0a/admin/x',
  '/%09/..%2fadmin/x',
  '/open/%2e%2e%2e%2e/..%2f..%2fadmin/x',
  '/..%2fadmin/x',
  '/%2e%2e/admin/x',
  '/%2e%2e%2fadmin/x',
  '/..%5cadmin/x',
  '/../admin/x',
  '/\\admin/x',
  '/open\\..\\admin/x',
  '/#/../admin/x',
  '/%3f/../admin/x',
  '/open%3f/%2e%2e/%2e%2e/admin/x',
  '/open%23/..%2f..%2fadmin/x'
]

/** What says no: not well-formed, not logged in. */
const REFUSALS = /^HTTP\/1\.1 (?:400|401|403) /

async function start(t: TestContext, rest: Record<string, unknown>): Promise<Attempt> {
  const origin = await startOrigin(t, respond('of the origin'))
  const proxy = { target: origin.url }
  const { port } = await startServer(t, {
    'API:a.example': [
      ['^/admin', 'admin'],
      ['^/files/', 'files'],
      ['^/', 'open']
    ],
    'API:a.example:admin': { methods: { GET: true }, auth: { any: ['basic'] }, proxy },
    'API:a.example:files': { methods: { GET: true } },
    'API:a.example:open': { methods: { GET: true }, proxy },
    'PROXY:b.example': proxy,
    ...rest
  })
  const send = (target: string, host = 'a.example'): Promise<string> =>
    rawRequest(port, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`).then(
      (response) => response.slice(0, 13)
    )
  return { send, forwarded: () => origin.requests.map(({ target }) => target) }
}

interface Attempt {
  send: (target: string, host?: string) => Promise<string>
  forwarded: () => string[]
}

test('no spelling of a guarded path gets through the open entry beside it', async (t) => {
  const { send, forwarded } = await start(t, {})
  t.ok(ATTEMPTS.length >= 60)
  for (const target of ATTEMPTS) t.match(await send(target), REFUSALS, target)
  t.same(forwarded(), [])
  t.match(await send('/open/x%2Fy'), /^HTTP\/1\.1 200 /)
})

test('no spelling bypasses an exact route with a rule', async (t) => {
  const { send, forwarded } = await start(t, {
    'API:a.example': [
      ['/admin/x', 'admin', true],
      ['^/files/', 'files'],
      ['^/', 'open']
    ]
  })
  // What is another path in all readings is none of the guard's.
  const others = new Set(['/admin%3bx', '/admin;x/x', '/admin%3fx', '/admin%23x', '/admin%2e/x'])
  for (const target of ATTEMPTS) {
    if (others.has(target)) continue
    t.match(await send(target), REFUSALS, target)
  }
  t.same(forwarded(), [])
})

test('no spelling bypasses a firewall rule on a host with an upstream', async (t) => {
  const { send, forwarded } = await start(t, { WAF: { __: '{"query": ["^/admin"]}' } })
  for (const target of ATTEMPTS) t.match(await send(target, 'b.example'), REFUSALS, target)
  t.same(forwarded(), [])
})

test('spellings of a path share one rate limit', async (t) => {
  const { send } = await start(t, {
    'API:a.example:open': {
      methods: { GET: true },
      proxy: { target: '127.0.0.1:9' },
      rate_limit: { GET: { limit: 2, period: 3600 } }
    }
  })
  const isUsedUp = async (): Promise<boolean> => (await send('/open/a/b')).includes(' 429 ')
  for (let sent = 0; sent < 10 && !(await isUsedUp()); sent++);
  for (const target of ['/open/a/b', '/open/a%2Fb', '/open//a%5cb', '/open/%2e/a/b'])
    t.match(await send(target), /^HTTP\/1\.1 429 /, target)
})
