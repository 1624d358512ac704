import { once } from 'node:events'
import {
  openRaw,
  rawRequest,
  respond,
  startOrigin,
  startRedis,
  type TestContext,
  waitFor
} from '@reliw/testing'
import { test } from 'tap'
import type { Config } from '../src/config.ts'
import { type Server, startServer } from './start-server.ts'
import { newWebSocket, startEcho } from './websockets.ts'

const methods = { GET: true }
const ADMIN = '192.0.2.9'
const VISITOR = '192.0.2.7'
const SHORT = { maintenance: { message: '<p>Back at <b>five</b>.</p>', retry_after: '90s' } }

const SITE = {
  'API:a.example': [
    ['/login', 'login', true],
    ['^/private', 'private'],
    ['^/', 'page']
  ],
  'API:a.example:login': { methods: { GET: true, POST: true }, auth: { login: true } },
  'API:a.example:private': { methods, auth: ['ann'] },
  'API:a.example:page': { methods: { GET: true, POST: true } },
  'FILES:a.example:/page.txt': { content: 'a page' },
  'DATA:a.example:template.html': '<html><b>Site A</b>${content}</html>',
  'DATA:a.example:.well-known/acme-challenge/token': 'of the CA'
}

/** A request as a proxy forwards it for a client. */
function written(target: string, client = VISITOR, host = 'a.example', rest = ''): string {
  const fields = `X-Forwarded-For: ${client}\r\nConnection: close\r\n`
  return `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${fields}${rest}\r\n`
}

async function start(t: TestContext, values: object = {}, config: Config = {}): Promise<Server> {
  return startServer(t, { ...SITE, ...values }, { trusted_proxies: ['127.0.0.1'], ...config })
}

test('a site in maintenance answers everything with its own error page', async (t) => {
  const origin = await startOrigin(t, respond('of the origin'))
  const { port, set, line, log } = await start(
    t,
    {
      'PROXY:b.example': { target: origin.url },
      'SITE:a.example': { maintenance: { ...SHORT.maintenance, allow_from: [ADMIN] } },
      'SITE:b.example': { maintenance: {} },
      WAF: { __: JSON.stringify({ query: ['attack'] }) }
    },
    {
      metrics: { port: 0, health_path: '/-/health' },
      auto_ban: {
        not_found: { threshold: 2 },
        waf_blocks: { threshold: 2 },
        login_failures: { threshold: 2 }
      }
    }
  )
  for (const path of ['/page.txt', '/missing', '/private', '/login', '/page.txt?attack']) {
    const text = await rawRequest(port, written(path))
    t.match(text, /^HTTP\/1\.1 503 [^]*\r\nretry-after: 90\r\n/i, path)
    t.match(text, /Site A[^]*<p>Back at <b>five<\/b>\.<\/p>/, path)
    t.match(text, /\r\ncache-control: no-store\r\n/i, path)
  }
  const proxied = await rawRequest(port, written('/%2F', VISITOR, 'b.example'))
  t.match(proxied, /^HTTP\/1\.1 503 [^]*\r\nretry-after: 300\r\n/i)
  t.equal(origin.requests.length, 0)
  t.match(await line({ error: 'RELIW_LIMITS_MAINTENANCE' }), { status: 503 })
  t.notOk(
    log.some(({ msg }) => msg === 'temporarily unavailable'),
    'one line each'
  )

  t.match(await rawRequest(port, written('/page.txt', ADMIN)), /a page$/)
  t.match(await rawRequest(port, written('/.well-known/acme-challenge/token')), /of the CA$/)
  t.match(await rawRequest(port, written('/-/health/livez')), /^HTTP\/1\.1 200 /)

  await set('SITE:a.example', undefined)
  t.match(await rawRequest(port, written('/page.txt')), /a page$/, 'no visitor was banned')
  await set('SITE:a.example', { maintenance: { message: '<!doctype html>closed' } })
  t.match(await rawRequest(port, written('/page.txt')), /\r\n\r\n<!doctype html>closed$/)
  await set('FILES:a.example:/5xx.html', { content: 'a page of its own' })
  const pages = { error_pages: { '5xx': '/5xx.html' } }
  await set('SITE:a.example', { maintenance: {}, ...pages })
  t.match(await rawRequest(port, written('/page.txt')), /^HTTP\/1\.1 503 [^]*a page of its own$/)
  await set('SITE:a.example', { ...SHORT, ...pages })
  t.match(await rawRequest(port, written('/page.txt')), /Back at <b>five/, 'the message counts')
})

test('requests wait for the end of a maintenance', async (t) => {
  const echo = await startEcho(t)
  const HOLD = { maintenance: { hold: '1m' } }
  const { port, set, app } = await start(t, {
    'SITE:a.example': HOLD,
    'PROXY:b.example': { target: echo.target },
    'SITE:b.example': HOLD
  })
  const { held, concurrency } = app.limits
  const page = rawRequest(port, written('/page.txt'))
  const banned = rawRequest(port, written('/page.txt', '192.0.2.1'))
  const admin = rawRequest(port, written('/page.txt', ADMIN))
  const refused = rawRequest(port, written('/', VISITOR, 'b.example'))
  const socket = newWebSocket(t, port, { site: 'b.example' })
  const opened = once(socket, 'open')
  const client = openRaw(port)
  client.write(written('/page.txt'))
  await waitFor(() => held.size === 6, 'six requests')

  client.socket.resetAndDestroy()
  await waitFor(() => held.size === 5, 'a client that has disconnected')
  await set('BANS:192.0.2.1', {})
  await waitFor(() => app.limits.bans?.list.has('192.0.2.1') === true, 'the ban')
  await set('SITE:a.example', { maintenance: { hold: '1m', allow_from: [ADMIN] } })
  t.match(await admin, /a page$/, 'allowed now')
  t.match(await banned, /^HTTP\/1\.1 403 /, 'banned now')
  t.equal(held.size, 3)
  await set('SITE:a.example', {})
  t.match(await page, /a page$/)
  await set('SITE:b.example', undefined)
  await opened
  socket.close()
  t.match(await refused, /^HTTP\/1\.1 /)
  await waitFor(() => held.size === 0 && concurrency.total === 0, 'nothing to be left')
})

test('requests wait until another server ends the maintenance in Redis', async (t) => {
  const { port: redis } = await startRedis(t)
  const values = { 'SITE:a.example': { maintenance: { hold: '1m' } } }
  const { port, set, app } = await start(t, values, { redis: { port: redis } })
  const page = rawRequest(port, written('/page.txt'))
  await waitFor(() => app.limits.held.size === 1, 'the request')
  await set('SITE:b.example', {})
  await set('SITE:a.example', undefined)
  t.match(await page, /a page$/)
})

test('a request that has waited long enough gets 503', async (t) => {
  const { port, set, app } = await start(t, {
    'SITE:a.example': { maintenance: { hold: '200ms' } }
  })
  const body = 'Content-Length: 100000\r\n'
  const [first, second] = await Promise.all([
    rawRequest(port, written('/page.txt')),
    rawRequest(port, written('/page.txt', VISITOR, 'a.example', body).replace('GET', 'POST'))
  ])
  t.match(first, /^HTTP\/1\.1 503 [^]*Site A/)
  t.match(second, /^HTTP\/1\.1 503 /)
  await set('SITE:a.example', { maintenance: { hold: '5m' } })
  const waiting = rawRequest(port, written('/page.txt'))
  await waitFor(() => app.limits.held.size === 1, 'the request')
  await set('SITE:a.example', { maintenance: {} })
  t.match(await waiting, /^HTTP\/1\.1 503 /, 'nothing waits any more')
  t.equal(app.limits.held.size, 0)
})

test('security: one client cannot make everything wait, nor keep the server from stopping', async (t) => {
  const { port, app } = await start(t, { 'SITE:a.example': { maintenance: { hold: '5m' } } })
  const { held } = app.limits
  const clients = Array.from({ length: 101 }, () => openRaw(port))
  t.teardown(() => clients.forEach((client) => client.destroy()))
  for (const client of clients.slice(0, 100)) client.write(written('/', '2001:db8::1'))
  await waitFor(() => held.size === 100, 'as many as may wait')
  t.match(await rawRequest(port, written('/', '2001:db8::2')), /^HTTP\/1\.1 503 /, 'the same /64')
  clients[100]?.write(written('/', VISITOR))
  await waitFor(() => held.size === 101, 'another client')
  await app.close()
  for (const client of clients) t.match(await client.readToEnd(), /^HTTP\/1\.1 503 /)
  t.equal(held.size, 0)
})

test('security: bodies that wait take a bounded amount of memory', async (t) => {
  const { port, app } = await start(t, { 'SITE:a.example': { maintenance: { hold: '5m' } } })
  const { held } = app.limits
  let refused = 0
  for (let n = 0; n < 270; n++) {
    const client = openRaw(port)
    t.teardown(() => client.destroy())
    client.socket.once('data', () => void refused++)
    const head = written('/', `192.0.2.${n % 3}`, 'a.example', 'Transfer-Encoding: chunked\r\n')
    client.write(`${head.replace('GET', 'POST')}1\r\nx\r\n`)
  }
  await waitFor(() => held.size + refused >= 270, 'all to wait or to be refused')
  t.ok(held.size > 200 && held.size < 250, `${held.size} wait`)
})
