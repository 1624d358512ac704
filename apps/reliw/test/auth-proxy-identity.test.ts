import { hash } from 'node:crypto'
import { test } from 'tap'
import { cookieOf, HOST, PASSWORD } from './protected-site.ts'
import { KEY, startIdentityUpstream } from './start-identity-upstream.ts'

test('an origin gets the identity of the user, whatever the authentication method', async (t) => {
  const { logIn, send, told } = await startIdentityUpstream(t)
  const basic = Buffer.from(`bob:${PASSWORD}`).toString('base64')
  for (const [line, identity] of [
    [cookieOf(await logIn()), { 'remote-user': 'ada', 'remote-groups': 'staff' }],
    [`Authorization: Basic ${basic}`, { 'remote-user': 'bob' }],
    [
      `Authorization: Bearer ${KEY}`,
      { 'remote-user': 'a program', 'remote-groups': 'robots,staff' }
    ],
    [`X-API-Key: ${KEY}`, { 'remote-user': 'a program', 'remote-groups': 'robots,staff' }]
  ] as const) {
    t.match(await send('GET', '/private/x', line), /^HTTP\/1\.1 200 [^]*of the origin$/, line)
    t.strictSame(told(), identity, line)
  }
})

test('refused requests and their bodies do not reach the origin', async (t) => {
  const { logIn, send, set, upstream } = await startIdentityUpstream(t)
  const proxy = { target: upstream.url }
  await set(`API:${HOST}:private`, { methods: { GET: true, POST: true }, auth: ['ada'], proxy })
  const body = 'Content-Length: 1000000'
  t.match(await send('POST', '/private', body), /^HTTP\/1\.1 302 /)
  t.match(await send('POST', '/private', cookieOf(await logIn('bob')), body), /^HTTP\/1\.1 403 /)
  t.match(await send('DELETE', '/private', cookieOf(await logIn())), /^HTTP\/1\.1 405 /)
  t.equal(upstream.requests.length, 0)
  t.equal(upstream.accepted, 0)
})

test('names that are not valid in a header are escaped', async (t) => {
  const { set, send, told } = await startIdentityUpstream(t)
  const key = JSON.stringify({ user: 'jörg\r\nX: 1', groups: ['a b', 'ü'] })
  await set(`KEYS:${HOST}`, { [hash('sha256', KEY, 'hex')]: key })
  await send('GET', '/private', `X-API-Key: ${KEY}`)
  t.strictSame(told(), { 'remote-user': 'j%C3%B6rg%0D%0AX%3A%201', 'remote-groups': 'a b,%C3%BC' })
})

test('a name with a comma is not two groups to an origin', async (t) => {
  const { set, send, told } = await startIdentityUpstream(t)
  const key = JSON.stringify({ user: 'ada', groups: ['staff,admins'] })
  await set(`KEYS:${HOST}`, { [hash('sha256', KEY, 'hex')]: key })
  await send('GET', '/private', `X-API-Key: ${KEY}`)
  t.notOk(told()['remote-groups']?.split(',').includes('admins'))
})
