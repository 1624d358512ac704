import t, { type Test } from 'tap'
import { ForwardAuth } from '../src/forward/forward-auth.ts'
import {
  respondsWith,
  headOf,
  requestFrom,
  sends,
  settingsFor,
  startAuth,
  decisionOf
} from './forward-fixtures.ts'

/** What is relayed of an answer with these header lines. */
async function relayed(t: Test, status: number, lines: readonly string[], body = '') {
  const length = `Content-Length: ${body.length}`
  const decision = await decisionOf(t, sends(headOf(status, length, ...lines) + body))
  if (decision.kind !== 'response') throw new Error(`the decision is ${JSON.stringify(decision)}`)
  return decision
}

/** Whom an answer with these header lines names. */
async function named(t: Test, ...lines: readonly string[]) {
  const decision = await decisionOf(t, respondsWith(200, ...lines))
  return decision.kind === 'allowed' ? decision.identity : decision
}

const UNLIKELY = {
  kind: 'failed',
  reason: 'the auth server sent an invalid user or group name'
}

t.test('every 2xx allows the request', async (t) => {
  for (const status of [200, 201, 202, 203, 205, 206, 207, 226, 299]) {
    t.same(await decisionOf(t, respondsWith(status, 'Remote-User: alice')), {
      kind: 'allowed',
      identity: { user: 'alice', groups: [], method: 'forward', secondFactor: false },
      setCookies: []
    })
  }
  const empty = headOf(204, 'Remote-User: alice')
  t.match(await decisionOf(t, sends(empty)), { kind: 'allowed', identity: { user: 'alice' } })
})

t.test('all of a 2xx response but its cookies is dropped', async (t) => {
  const head = headOf(
    200,
    'Content-Length: 2',
    'Set-Cookie: a=1; Path=/',
    'Location: https://evil.example/',
    'set-cookie: b=2, c=3',
    'X-Powered-By: x'
  )
  const decision = await decisionOf(t, sends(`${head}ok`))
  t.match(decision, { kind: 'allowed', setCookies: ['a=1; Path=/', 'b=2, c=3'] })
  t.same(Object.keys(decision).toSorted(), ['identity', 'kind', 'setCookies'])
})

t.test('without a user, or with an empty one, it is anonymous', async (t) => {
  const anonymous = { user: 'anonymous', groups: [], method: 'forward', secondFactor: false }
  t.same(await named(t), anonymous)
  t.same(await named(t, 'Remote-User:'), anonymous)
  t.same(await named(t, 'Remote-User:  \t '), anonymous)
  t.same(await named(t, 'X-User: alice', 'Remote-Users: bob', 'Remote_User: eve'), anonymous)
})

t.test('users and groups are read from the headers that the settings name', async (t) => {
  const { auth } = await startAuth(
    t,
    respondsWith(200, 'X-authentik-username: akadmin', 'X-authentik-groups: foo|bar, inc.|baz'),
    { user_header: 'x-Authentik-Username', groups_header: 'X-AUTHENTIK-GROUPS' }
  )
  t.match(await auth.authorize(requestFrom()), {
    identity: { user: 'akadmin', groups: ['foo', 'bar, inc.', 'baz'] }
  })
})

t.test('groups come in one header or in several, by commas', async (t) => {
  const groups = async (...lines: string[]) => await named(t, 'Remote-User: a', ...lines)
  t.match(await groups('Remote-Groups: admins,dev'), { groups: ['admins', 'dev'] })
  t.match(await groups('Remote-Groups: , a ,,b,'), { groups: ['a', 'b'] })
  t.match(await groups('Remote-Groups: a', 'remote-groups: b,c'), { groups: ['a', 'b', 'c'] })
  t.same(await groups('Remote-Groups:'), {
    user: 'a',
    groups: [],
    method: 'forward',
    secondFactor: false
  })
})

t.test('names are UTF-8', async (t) => {
  const utf8 = Buffer.from('Zoë 😀').toString('latin1')
  t.match(await named(t, `Remote-User: ${utf8}`, `Remote-Groups: ${utf8}`), {
    user: 'Zoë 😀',
    groups: ['Zoë 😀']
  })
})

t.test('a request with an invalid user name is refused', async (t) => {
  for (const user of ['a\tb', '\xff', 'Zo\xeb', '\xc2\x85', '\xed\xa0\x80', 'a'.repeat(257)]) {
    t.same(await named(t, `Remote-User: ${user}`), UNLIKELY, JSON.stringify(user.slice(0, 9)))
  }
  t.match(await named(t, `Remote-User: ${'a'.repeat(256)}`), { user: 'a'.repeat(256) })
  for (const lines of [
    ['Remote-User: alice', 'Remote-User: bob'],
    ['Remote-User: alice', 'REMOTE-USER: alice'],
    ['Remote-User: alice', 'Remote-User:']
  ]) {
    t.match(await named(t, ...lines), { reason: 'the auth server sent several user names' })
  }
})

t.test('invalid groups, or too many, are refused', async (t) => {
  const user = 'Remote-User: alice'
  for (const group of ['a\tb', '\xff', 'a'.repeat(257), `ok,${'b'.repeat(257)}`]) {
    t.same(await named(t, user, `Remote-Groups: ${group}`), UNLIKELY)
  }
  const groups = Array.from({ length: 201 }, (_, i) => `g${i}`)
  t.match(await named(t, user, `Remote-Groups: ${groups.slice(1).join()}`), {
    groups: groups.slice(1)
  })
  t.match(await named(t, user, `Remote-Groups: ${groups.join()}`), {
    reason: 'the auth server sent too many groups'
  })
})

t.test('every 3xx and 4xx but 304 is sent to the client', async (t) => {
  for (const status of [300, 301, 302, 303, 307, 308, 399, 400, 401, 403, 404, 429, 451, 499]) {
    const decision = await decisionOf(t, respondsWith(status))
    t.match(decision, { kind: 'response', status })
  }
})

t.test('5xx and unusable statuses are failures', async (t) => {
  for (const status of [500, 502, 503, 504, 599, 600, 700, 999]) {
    const reason = `the auth server responded with ${status}`
    t.same(await decisionOf(t, respondsWith(status, 'Remote-User: alice')), {
      kind: 'failed',
      reason
    })
  }
  const notModified = sends(headOf(304, 'ETag: "x"', 'Remote-User: alice'))
  t.match(await decisionOf(t, notModified), { reason: 'the auth server responded with 304' })
})

t.test('the client gets the permitted headers of the response, and no others', async (t) => {
  const body = '<p>Log in</p>'
  const decision = await relayed(
    t,
    401,
    [
      'Content-Type: text/html; charset=utf-8',
      'WWW-Authenticate: Basic realm="x"',
      'www-authenticate: Bearer',
      'Set-Cookie: a=1; HttpOnly',
      'Set-Cookie: b=2',
      'Cache-Control: private',
      'cache-control: max-age=5',
      'Retry-After: 5',
      'Retry-After: 6',
      'Server: internal/1.0',
      'Remote-User: alice',
      'X-Powered-By: x',
      'Strict-Transport-Security: max-age=1',
      'Access-Control-Allow-Origin: *',
      'Content-Disposition: attachment',
      'Content-Security-Policy: default-src *',
      'Refresh: 0; url=https://evil.example/',
      'Clear-Site-Data: "*"',
      'Link: </x>; rel=preload',
      'Keep-Alive: timeout=5',
      'Connection: keep-alive, Set-Cookie',
      'Date: Thu, 01 Jan 1970 00:00:00 GMT'
    ],
    body
  )
  t.same(decision.headers, [
    'www-authenticate',
    'Basic realm="x", Bearer',
    'cache-control',
    'private, max-age=5',
    'retry-after',
    '5',
    'set-cookie',
    'a=1; HttpOnly',
    'set-cookie',
    'b=2',
    'content-type',
    'text/html; charset=utf-8'
  ])
  t.equal(decision.body.toString(), body)
})

t.test('a response without Cache-Control becomes no-store', async (t) => {
  t.same((await relayed(t, 404, [])).headers, ['cache-control', 'no-store'])
  t.same((await relayed(t, 404, ['Cache-Control:'])).headers, ['cache-control', 'no-store'])
  t.same((await relayed(t, 301, ['Location: /login'])).headers.slice(2), [
    'cache-control',
    'no-store'
  ])
})

t.test('a body without a type is text, an empty one has no type', async (t) => {
  const own = ['cache-control', 'no-store']
  t.same((await relayed(t, 403, [], '<p>')).headers, [...own, 'content-type', 'text/plain'])
  t.same((await relayed(t, 403, ['Content-Type:'], 'a')).headers.slice(2), [
    'content-type',
    'text/plain'
  ])
  t.same((await relayed(t, 403, ['Content-Type: text/html'])).headers, own)
})

t.test('a body that is encoded against our wish is left out', async (t) => {
  const lines = ['Content-Encoding: gzip', 'Content-Type: text/html', 'Location: /login']
  const decision = await relayed(t, 302, lines, '\x1f\x8b')
  t.equal(decision.body.length, 0)
  t.notOk(decision.headers.includes('content-type'))
  t.equal(decision.headers[0], 'location')
  t.equal((await relayed(t, 403, ['Content-Encoding: Identity'], 'no')).body.toString(), 'no')
})

t.test('a Location becomes absolute, relative to the auth server', async (t) => {
  const cases = {
    'https://auth.example/login?rd=x#y': 'https://auth.example/login?rd=x#y',
    'HTTP://Auth.Example': 'http://auth.example/',
    '/login': '{origin}/login',
    'login?a=1': '{origin}/login?a=1',
    '../x': '{origin}/x',
    '?a': '{origin}/verify?a',
    '//auth.example/x': 'http://auth.example/x',
    '\\\\auth.example\\x': 'http://auth.example/x',
    '/caf\xc3\xa9': '{origin}/caf%C3%A9',
    '/a b"<>': '{origin}/a%20b%22%3C%3E'
  }
  for (const [location, expected] of Object.entries(cases)) {
    const { auth, server } = await startAuth(t, respondsWith(302, `Location: ${location}`))
    const decision = await auth.authorize(requestFrom())
    t.match(
      decision,
      { kind: 'response', headers: ['location', expected.replace('{origin}', server.url)] },
      location
    )
  }
})

t.test('a redirect to an invalid URL is a failure', async (t) => {
  const places = [
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'ftp://auth.example/',
    'https://',
    'http://[::1',
    'http://a b/',
    'https://auth.example:99999/'
  ].map((place) => [`Location: ${place}`])
  places.push(['Location: /a', 'Location: /b'], ['Location: /a', 'location: /a'])
  for (const lines of places) {
    t.same(
      await decisionOf(t, respondsWith(302, ...lines)),
      { kind: 'failed', reason: 'the auth server redirected to an invalid URL' },
      lines.join()
    )
  }
})

t.test('redirects are not followed', async (t) => {
  const { auth, server } = await startAuth(t, respondsWith(307, 'Location: /other'))
  t.match(await auth.authorize(requestFrom()), { kind: 'response', status: 307 })
  t.equal(server.requests.length, 1)
})

t.test('responses are not cached', async (t) => {
  let count = 0
  const { auth } = await startAuth(t, (request, connection) => {
    const status = ++count % 2 === 1 ? 200 : 403
    return respondsWith(status, 'Cache-Control: max-age=60')(request, connection)
  })
  const kinds: string[] = []
  for (let i = 0; i < 4; i += 1) kinds.push((await auth.authorize(requestFrom())).kind)
  t.same(kinds, ['allowed', 'response', 'allowed', 'response'])
})

t.test(
  'settings that name no http server are refused, and not repeated in the error',
  async (t) => {
    for (const url of ['', 'auth.example', 'ftp://a.example/', 'file:///x', 'http://', '/verify']) {
      t.throws(() => new ForwardAuth(settingsFor(url)), TypeError, url)
    }
    for (const url of ['http://user:secret@a.example/', 'https://secret@a.example/']) {
      t.throws(() => new ForwardAuth(settingsFor(url)), {
        message: 'the URL of forward-auth must not contain credentials'
      })
    }
  }
)
