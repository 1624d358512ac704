import t, { type Test } from 'tap'
import { ForwardAuth } from '../src/forward/forward-auth.ts'
import {
  answers,
  headOf,
  requestFrom,
  sends,
  settingsFor,
  startAuth,
  verdictOf
} from './forward-fixtures.ts'

/** What is relayed of an answer with these header lines. */
async function relayed(t: Test, status: number, lines: readonly string[], body = '') {
  const length = `Content-Length: ${body.length}`
  const verdict = await verdictOf(t, sends(headOf(status, length, ...lines) + body))
  if (verdict.kind !== 'answer') throw new Error(`the verdict is ${JSON.stringify(verdict)}`)
  return verdict
}

/** Whom an answer with these header lines names. */
async function named(t: Test, ...lines: readonly string[]) {
  const verdict = await verdictOf(t, answers(200, ...lines))
  return verdict.kind === 'allowed' ? verdict.identity : verdict
}

const UNLIKELY = {
  kind: 'failed',
  reason: 'the auth server named a user or a group that cannot be'
}

t.test('every 2xx lets pass', async (t) => {
  for (const status of [200, 201, 202, 203, 205, 206, 207, 226, 299]) {
    t.same(await verdictOf(t, answers(status, 'Remote-User: alice')), {
      kind: 'allowed',
      identity: { user: 'alice', groups: [], method: 'forward', secondFactor: false },
      setCookies: []
    })
  }
  const empty = headOf(204, 'Remote-User: alice')
  t.match(await verdictOf(t, sends(empty)), { kind: 'allowed', identity: { user: 'alice' } })
})

t.test('what is said along with 2xx is dropped, but for the cookies', async (t) => {
  const head = headOf(
    200,
    'Content-Length: 2',
    'Set-Cookie: a=1; Path=/',
    'Location: https://evil.example/',
    'set-cookie: b=2, c=3',
    'X-Powered-By: x'
  )
  const verdict = await verdictOf(t, sends(`${head}ok`))
  t.match(verdict, { kind: 'allowed', setCookies: ['a=1; Path=/', 'b=2, c=3'] })
  t.same(Object.keys(verdict).toSorted(), ['identity', 'kind', 'setCookies'])
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
    answers(200, 'X-authentik-username: akadmin', 'X-authentik-groups: foo|bar, inc.|baz'),
    { user_header: 'x-Authentik-Username', groups_header: 'X-AUTHENTIK-GROUPS' }
  )
  t.match(await auth.ask(requestFrom()), {
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

t.test('a user who cannot be does not pass', async (t) => {
  for (const user of ['a\tb', '\xff', 'Zo\xeb', '\xc2\x85', '\xed\xa0\x80', 'a'.repeat(257)]) {
    t.same(await named(t, `Remote-User: ${user}`), UNLIKELY, JSON.stringify(user.slice(0, 9)))
  }
  t.match(await named(t, `Remote-User: ${'a'.repeat(256)}`), { user: 'a'.repeat(256) })
  for (const lines of [
    ['Remote-User: alice', 'Remote-User: bob'],
    ['Remote-User: alice', 'REMOTE-USER: alice'],
    ['Remote-User: alice', 'Remote-User:']
  ]) {
    t.match(await named(t, ...lines), { reason: 'the auth server named several users' })
  }
})

t.test('groups that cannot be, or too many, do not pass', async (t) => {
  const user = 'Remote-User: alice'
  for (const group of ['a\tb', '\xff', 'a'.repeat(257), `ok,${'b'.repeat(257)}`]) {
    t.same(await named(t, user, `Remote-Groups: ${group}`), UNLIKELY)
  }
  const groups = Array.from({ length: 201 }, (_, i) => `g${i}`)
  t.match(await named(t, user, `Remote-Groups: ${groups.slice(1).join()}`), {
    groups: groups.slice(1)
  })
  t.match(await named(t, user, `Remote-Groups: ${groups.join()}`), {
    reason: 'the auth server named too many groups'
  })
})

t.test('every 3xx and 4xx but 304 is for the client', async (t) => {
  for (const status of [300, 301, 302, 303, 307, 308, 399, 400, 401, 403, 404, 429, 451, 499]) {
    const verdict = await verdictOf(t, answers(status))
    t.match(verdict, { kind: 'answer', status })
  }
})

t.test('5xx and what no auth server would say have failed', async (t) => {
  for (const status of [500, 502, 503, 504, 599, 600, 700, 999]) {
    const reason = `the auth server answered ${status}`
    t.same(await verdictOf(t, answers(status, 'Remote-User: alice')), { kind: 'failed', reason })
  }
  const unasked = sends(headOf(304, 'ETag: "x"', 'Remote-User: alice'))
  t.match(await verdictOf(t, unasked), { reason: 'the auth server answered 304' })
})

t.test('the client gets what concerns it, and nothing else', async (t) => {
  const body = '<p>Log in</p>'
  const verdict = await relayed(
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
  t.same(verdict.headers, [
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
  t.equal(verdict.body.toString(), body)
})

t.test('an answer that says nothing of caches is not kept', async (t) => {
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
  const verdict = await relayed(t, 302, lines, '\x1f\x8b')
  t.equal(verdict.body.length, 0)
  t.notOk(verdict.headers.includes('content-type'))
  t.equal(verdict.headers[0], 'location')
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
    const { auth, server } = await startAuth(t, answers(302, `Location: ${location}`))
    const verdict = await auth.ask(requestFrom())
    t.match(
      verdict,
      { kind: 'answer', headers: ['location', expected.replace('{origin}', server.url)] },
      location
    )
  }
})

t.test('a redirect to what is no place has failed', async (t) => {
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
      await verdictOf(t, answers(302, ...lines)),
      { kind: 'failed', reason: 'the auth server redirected to what is no place' },
      lines.join()
    )
  }
})

t.test('redirects are not followed', async (t) => {
  const { auth, server } = await startAuth(t, answers(307, 'Location: /other'))
  t.match(await auth.ask(requestFrom()), { kind: 'answer', status: 307 })
  t.equal(server.requests.length, 1)
})

t.test('every question is asked anew', async (t) => {
  let count = 0
  const { auth } = await startAuth(t, (request, connection) => {
    const status = ++count % 2 === 1 ? 200 : 403
    return answers(status, 'Cache-Control: max-age=60')(request, connection)
  })
  const kinds: string[] = []
  for (let i = 0; i < 4; i += 1) kinds.push((await auth.ask(requestFrom())).kind)
  t.same(kinds, ['allowed', 'answer', 'allowed', 'answer'])
})

t.test(
  'settings that name no http server are refused, and not repeated in the error',
  async (t) => {
    for (const url of ['', 'auth.example', 'ftp://a.example/', 'file:///x', 'http://', '/verify']) {
      t.throws(() => new ForwardAuth(settingsFor(url)), TypeError, url)
    }
    for (const url of ['http://user:secret@a.example/', 'https://secret@a.example/']) {
      t.throws(() => new ForwardAuth(settingsFor(url)), {
        message: 'the URL of forward-auth must not hold credentials'
      })
    }
  }
)
