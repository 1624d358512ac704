import { once } from 'node:events'
import { test } from 'tap'
import { startForward } from './start-forward.ts'

test('a client that the auth server admits reaches the origin, and gets the cookies of both', async (t) => {
  const { visitor, upstream, questions, origin } = await startForward(t)
  const ada = visitor()
  ada.cookies.set('sso', 'ada')
  const headers = {
    'remote-user': 'root',
    'x-forwarded-uri': '/public',
    'x-forwarded-for': '9.9.9.9'
  }
  const response = await ada.visit('/app/x?y=%20', { headers })
  t.match(response, { status: 200, text: 'of the origin' })
  t.strictSame(response.setCookies.toSorted(), ['app=1', 'seen=1', 'sso=ada; Path=/; HttpOnly'])
  t.match(questions[0], {
    method: 'GET',
    url: '/verify',
    headers: {
      'x-forwarded-method': 'GET',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': new URL(origin).host,
      'x-forwarded-uri': '/app/x?y=%20',
      'x-forwarded-for': '127.0.0.1',
      'remote-user': undefined
    }
  })
  t.equal(upstream.requests[0]?.header('remote-user'), 'ada')
  t.equal(upstream.requests[0]?.header('remote-groups'), 'staff,admins')
})

test('cookies of the auth server are sent with pages and files, too', async (t) => {
  const { visitor, set, forward } = await startForward(t)
  await set('API:127.0.0.1:app', { methods: { GET: true }, auth: { any: [{ forward }] } })
  await set('FILES:127.0.0.1:/app/a.txt', { content: 'a file' })
  const ada = visitor()
  ada.cookies.set('sso', 'ada')
  for (const headers of [{}, { range: 'bytes=0-1' }, { 'accept-encoding': 'gzip' }]) {
    const { status, setCookies } = await ada.visit('/app/a.txt', { headers })
    t.strictSame(
      setCookies,
      ['sso=ada; Path=/; HttpOnly', 'seen=1'],
      JSON.stringify([headers, status])
    )
  }
})

test('a redirect of the auth server reaches the client with its cookies, and the origin gets no request', async (t) => {
  const { visitor, upstream, line } = await startForward(t)
  const response = await visitor().visit('/app/x', { headers: { accept: 'text/html' } })
  t.match(response, {
    status: 302,
    text: 'this way',
    location: 'https://sso.example/?rd=%2Fapp%2Fx'
  })
  t.strictSame(response.setCookies, ['state=s1'])
  const program = await visitor().visit('/app/x', { headers: { accept: 'application/json' } })
  t.match(program, { status: 401, text: '{"error":"login"}' })
  t.equal(program.headers.get('www-authenticate'), 'Bearer realm="sso"')
  const bob = visitor()
  bob.cookies.set('sso', 'bob')
  t.match(await bob.visit('/app/x'), { status: 403, text: 'not for bob' })
  t.equal(upstream.requests.length, 0)
  await line({ msg: 'request', path: '/app/x', status: 401, size: 17 })
})

test('the auth server is asked about each request, before the body is read', async (t) => {
  const { visitor, upstream, questions } = await startForward(t)
  const ada = visitor()
  ada.cookies.set('sso', 'ada')
  t.equal((await ada.visit('/app', { form: { a: '1' } })).status, 200)
  t.equal(questions[0]?.headers['x-forwarded-method'], 'POST')
  t.equal(questions[0]?.headers['content-length'], undefined)
  t.equal(String(await upstream.requests[0]?.body), 'a=1')
  ada.cookies.set('sso', 'bob')
  t.equal((await ada.visit('/app', { form: { a: '2' } })).status, 403)
  t.equal(questions.length, 2)
  t.equal(upstream.requests.length, 1)
})

test('users and groups of the auth server count for the rule', async (t) => {
  const { visitor, set, forward, upstream } = await startForward(t)
  const ada = visitor()
  ada.cookies.set('sso', 'ada')
  const proxy = { target: upstream.url }
  for (const [rule, status] of [
    [{ groups: ['admins'] }, 200],
    [{ users: ['ada'] }, 200],
    [{ groups: ['owners'], users: ['eve'] }, 403],
    [{ second_factor: true }, 403]
  ] as const) {
    const auth = { any: [{ forward }], ...rule }
    await set('API:127.0.0.1:app', { methods: { GET: true }, auth, proxy })
    t.equal((await ada.visit('/app')).status, status, JSON.stringify(rule))
  }
})

test('nobody is admitted while the auth server is unreachable', async (t) => {
  const { visitor, sso, upstream, line } = await startForward(t)
  const ada = visitor()
  ada.cookies.set('sso', 'ada')
  t.equal((await ada.visit('/app')).status, 200)
  const closed = once(sso, 'close')
  sso.close().closeAllConnections()
  await closed
  const response = await ada.visit('/app')
  t.equal(response.status, 503)
  t.ok(response.headers.has('retry-after'))
  t.notMatch(response.text, /127\.0\.0\.1|ECONN/)
  t.match(await line({ msg: 'auth failed' }), { level: 50 })
  t.equal(upstream.requests.length, 1)
})
