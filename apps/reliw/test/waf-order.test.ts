import { hashPassword } from '@reliw/auth'
import { rawRequest, respond, startOrigin } from '@reliw/testing'
import { test } from 'tap'
import { type Guarded, startGuarded } from './waf-site.ts'

const RULES = { __: { query: ['attack'], headers: { 'x-probe': ['attack'] } } }
const LAYOUT = '<main>The page of the site: ${content}</main>'

/** No client learns which rule there is. */
const TELLING = /attack|query\/|x-probe|rule|waf/i

/** How often rules were looked at with a finding. */
const count = ({ verdicts }: Guarded): number => verdicts().length

test('a blocked client gets the error page of the site, and the log has the rule', async (t) => {
  const server = await startGuarded(t, RULES, { 'DATA:a.example:template.html': LAYOUT })
  const probe = { 'x-probe': 'attack' }
  const { status, headers, text } = await server.get('/x', probe)
  t.equal(status, 403)
  const id = String(headers['x-request-id'])
  t.match(id, /^[\w-]{8,}$/)
  t.match(text, /^<main>The page of the site: .*403 Forbidden/)
  t.match(text, id)
  t.notMatch(text, TELLING)
  t.notMatch(JSON.stringify(headers), TELLING)
  t.match(await server.line({ msg: 'request', status: 403 }), {
    vhost: 'a.example',
    path: '/x',
    request_id: id
  })
  t.match(await server.line({ msg: 'waf' }), {
    level: 40,
    request_id: id,
    vhost: 'a.example',
    client_ip: '127.0.0.1',
    method: 'GET',
    path: '/x',
    waf: { action: 'block', rule: '__/header:x-probe/1', where: 'header:x-probe' }
  })
  t.notOk(
    server.log.some(({ level }) => Number(level) >= 50),
    'it is no error of the server'
  )
})

test('rules are evaluated before 404, 405, ACME tokens and unknown hosts', async (t) => {
  const token = 'DATA:a.example:.well-known/acme-challenge/attack'
  const server = await startGuarded(t, RULES, { [token]: 'the token' })
  for (const host of ['a.example', 'none.example', '127.0.0.1'])
    t.equal((await server.get('/none?attack', { host })).status, 403, host)
  const acme = '/.well-known/acme-challenge/attack'
  t.equal((await server.get(acme)).status, 403)
  for (const method of ['POST', 'OPTIONS', 'HEAD', 'DELETE']) {
    const head = `${method} /x?attack HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n`
    t.match(await rawRequest(server.port, `${head}Content-Length: 0\r\n\r\n`), /^\S+ 403 /, method)
  }
  t.equal(count(server), 8)
})

test('a banned client is refused before rules are evaluated', async (t) => {
  const server = await startGuarded(t, RULES, { 'BANS:127.0.0.1': '{}' })
  const { status, text } = await server.get('/x?attack')
  t.equal(status, 403)
  t.notMatch(text, TELLING)
  t.equal(count(server), 0)
})

test('malformed requests are refused before rules are evaluated', async (t) => {
  const server = await startGuarded(t, RULES)
  for (const path of ['/x/../attack', '/%2e%2e/attack', '/attack%00'])
    t.equal((await server.get(path)).status, 400, path)
  t.equal(count(server), 0)
})

test('rules are evaluated before logins and API keys', async (t) => {
  const server = await startGuarded(t, RULES, {
    'API:a.example:all': { methods: { GET: true }, auth: { any: ['basic'] } },
    'USERS:a.example': { ada: JSON.stringify({ pass: await hashPassword('right') }) }
  })
  const ask = async (path: string, password: string): Promise<number> => {
    const credentials = Buffer.from(`ada:${password}`).toString('base64')
    return (await server.get(path, { authorization: `Basic ${credentials}` })).status
  }
  t.same([await ask('/x', 'right'), await ask('/x', 'wrong')], [200, 401])
  t.same([await ask('/x?attack', 'right'), await ask('/x?attack', 'wrong')], [403, 403])
  t.equal((await server.get('/x?attack')).status, 403)
})

test('rules are evaluated before upstreams of hosts and entries', async (t) => {
  const origin = await startOrigin(t, respond('of the origin'))
  const proxy = { target: origin.url }
  const server = await startGuarded(t, RULES, {
    'API:a.example:all': { methods: { GET: true, POST: true }, proxy },
    'PROXY:b.example': proxy
  })
  for (const host of ['a.example', 'b.example']) {
    t.match(await server.get('/x', { host }), { status: 200, text: 'of the origin' })
    t.equal((await server.get('/x?attack', { host })).status, 403)
    t.equal((await server.get('/x?%61ttack', { host })).status, 403)
  }
  t.equal(origin.requests.length, 2)
})

test('the body of a blocked request is not parsed as a request', async (t) => {
  const server = await startGuarded(t, RULES)
  const body = 'GET /x?smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n'
  const post = `POST /x?attack HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${body.length}\r\n\r\n`
  const get = 'GET /x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n'
  const response = await rawRequest(server.port, post + body + get)
  const statuses = Array.from(response.matchAll(/^HTTP\/1\.1 (\d+)/gm), ([, status]) => status)
  t.same(statuses, ['403', '200'])
})
