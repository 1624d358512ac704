import { openRaw, waitFor } from '@reliw/testing'
import { test } from 'tap'
import type { Config } from '../src/index.ts'
import { type Guarded, startGuarded } from './waf-site.ts'

const QUERY = { query: ['attack'] }

async function statusOf({ get }: Guarded, host = 'a.example'): Promise<number> {
  return (await get('/x?attack', { host })).status
}

/** What is answered on a connection until it ends. */
async function responseTo({ port }: Guarded, path: string): Promise<string> {
  const client = openRaw(port)
  client.write(`GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`)
  return client.readToEnd()
}

/** An error page without its request id. */
function anonymous(text: string): string {
  return text.replaceAll(/<code>.*<\/code>/g, '')
}

/** The rules, with an exclusion that holds for so many milliseconds. */
function excluding(path: string, ms: number): object {
  const expires = new Date(Date.now() + ms).toISOString()
  return { ...QUERY, exclusions: [{ path, expires, reason: 'a false alarm' }] }
}

test('matches in detect mode are logged and passed', async (t) => {
  const server = await startGuarded(t, { __: QUERY, 'a.example': { mode: 'detect' } })
  t.same([await statusOf(server), await statusOf(server, 'b.example')], [200, 403])
  const told = { waf: { action: 'detect', rule: '__/query/1' }, vhost: 'a.example' }
  t.match(server.verdicts(), [told, { waf: { action: 'block' }, vhost: 'b.example' }])
})

test('with mode off no rule is evaluated, rules of all hosts neither', async (t) => {
  const server = await startGuarded(t, { __: QUERY, 'a.example': { ...QUERY, mode: 'off' } })
  t.same([await statusOf(server), await statusOf(server, 'b.example')], [200, 403])
  t.equal(server.verdicts().length, 1)
})

test('the mode is that of the host, else that of all hosts, else the server’s', async (t) => {
  const config: Config = { waf: { mode: 'detect' } }
  const server = await startGuarded(t, { __: QUERY }, {}, config)
  t.equal(await statusOf(server), 200)
  await server.rule({ __: { ...QUERY, mode: 'block' } })
  await waitFor(async () => (await statusOf(server)) === 403, 'the mode of all')
  await server.rule({ 'a.example': { mode: 'off' } })
  await waitFor(async () => (await statusOf(server)) === 200, 'the mode of the host')
  t.equal(await statusOf(server, 'b.example'), 403)
})

test('a blocked client is redirected if the rules say so', async (t) => {
  const action = { redirect: 'https://sorry.example/?why' }
  const config: Config = { waf: { action: { redirect: '/away', status: 307 } } }
  const server = await startGuarded(t, { __: QUERY, 'a.example': { action } }, {}, config)
  const { status, headers, text } = await server.get('/x?attack')
  t.match({ status, text }, { status: 301, text: '' })
  t.match(headers, {
    location: 'https://sorry.example/?why',
    'cache-control': 'no-store',
    'x-request-id': /./
  })
  t.match(await server.get('/x?attack', { host: 'b.example' }), {
    status: 307,
    headers: { location: '/away' }
  })
  await server.line({ msg: 'request', vhost: 'a.example', status: 301 })
})

test('a blocked client gets the status of the rules', async (t) => {
  const rules = { ...QUERY, action: { status: 404 } }
  const server = await startGuarded(t, { __: rules, 'b.example': { action: { status: 503 } } })
  t.same([await statusOf(server), await statusOf(server, 'b.example')], [404, 503])
  const [blocked, missing] = [await server.get('/x?attack'), await server.get('/none')]
  t.equal(anonymous(blocked.text), anonymous(missing.text), 'as if there were nothing')
})

test('the connection of a blocked client is closed if the rules say so', async (t) => {
  const config: Config = { max_concurrent_requests: 2 }
  const rules = { ...QUERY, action: { close: true } }
  const server = await startGuarded(t, { __: rules }, {}, config)
  for (let turn = 0; turn < 5; turn++) t.equal(await responseTo(server, '/x?attack'), '')
  t.equal(server.verdicts().length, 5)
  t.match(await server.line({ msg: 'request', path: '/x?attack' }), { aborted: true })
  t.equal((await server.get('/x')).status, 200, 'none of them counts as under way')
})

test('an exclusion passes its matches until it expires', async (t) => {
  const server = await startGuarded(t, {
    'a.example': excluding('^/x$', 3_600_000),
    'b.example': excluding('^/x$', -1000)
  })
  t.same([await statusOf(server), await statusOf(server, 'b.example')], [200, 403])
  t.equal((await server.get('/y?attack')).status, 403)
  t.equal(server.verdicts().length, 2)
})

test('exclusions of a host apply to rules of all hosts too, on that host alone', async (t) => {
  const own = { exclusions: [{ rule: '__/query/1', parameter: 'q' }] }
  const server = await startGuarded(t, { __: QUERY, 'a.example': own })
  const statuses = ['/x?q=attack', '/x?q=attack&r=attack', '/x?r=attack'].map(
    async (path) => (await server.get(path)).status
  )
  t.same(await Promise.all(statuses), [200, 403, 403])
  t.equal((await server.get('/x?q=attack', { host: 'b.example' })).status, 403)
})
