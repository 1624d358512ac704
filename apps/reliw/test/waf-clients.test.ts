import { spawn } from 'node:child_process'
import { type RedisServer, rawRequest, waitFor } from '@reliw/testing'
import { test, type Test } from 'tap'
import { startGuarded } from './waf-site.ts'

const RULES = { query: ['attack'], ip_header: 'CF-Connecting-IP' }
const PROXIED = { trusted_proxies: ['127.0.0.1'] }

/** What redis-cli hears on the channel on which other servers are told of who was blocked. */
async function subscribe(t: Test, { port }: RedisServer): Promise<() => string[]> {
  const args = ['-p', `${port}`, '-n', '13', 'SUBSCRIBE', 'RLW:WAFFERS']
  const child = spawn('redis-cli', args, { stdio: ['ignore', 'pipe', 'ignore'] })
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += String(chunk)))
  await waitFor(() => said.includes('subscribe\nRLW:WAFFERS\n1\n'), 'the subscription')
  return () => Array.from(said.matchAll(/^message\n.*\n(.*)\n/gm), ([, address = '']) => address)
}

test("the blocked client is taken from a trusted proxy's header", async (t) => {
  const server = await startGuarded(t, { __: RULES }, {}, PROXIED)
  const heard = await subscribe(t, server.redis)
  const forwarded = { 'x-forwarded-for': '198.51.100.1' }
  const named = [
    '203.0.113.1',
    ' 203.0.113.2 ',
    '2001:DB8:0::3',
    '::ffff:203.0.113.4',
    'nobody',
    '203.0.113.5, 203.0.113.6',
    ''
  ]
  for (const name of named)
    await server.get('/x?attack', { ...forwarded, 'cf-connecting-ip': name })
  await server.get('/x?attack', forwarded)
  await server.get('/x?attack')
  await server.get('/x', { 'cf-connecting-ip': '203.0.113.9' })
  const clients = [
    '203.0.113.1',
    '203.0.113.2',
    '2001:db8::3',
    '203.0.113.4',
    '198.51.100.1',
    '198.51.100.1',
    '198.51.100.1',
    '198.51.100.1',
    '127.0.0.1'
  ]
  await waitFor(() => heard().length === clients.length, 'the messages')
  t.same(heard(), clients)
  t.same(
    server.verdicts().map(({ client_ip: client }) => client),
    clients
  )
})

test('headers of other clients are ignored', async (t) => {
  const server = await startGuarded(t, { __: RULES }, {}, { trusted_proxies: ['10.0.0.0/8'] })
  const heard = await subscribe(t, server.redis)
  const headers = { 'x-forwarded-for': '198.51.100.1', 'cf-connecting-ip': '203.0.113.1' }
  t.equal((await server.get('/x?attack', headers)).status, 403)
  await waitFor(() => heard().length === 1, 'the message')
  t.same([heard(), server.verdicts()[0]?.client_ip], [['127.0.0.1'], '127.0.0.1'])
})

test('without ip_header the blocked client is that of limits', async (t) => {
  const server = await startGuarded(t, { __: { query: ['attack'] } }, {}, PROXIED)
  const heard = await subscribe(t, server.redis)
  const headers = { 'x-forwarded-for': '198.51.100.1', 'cf-connecting-ip': '203.0.113.1' }
  t.equal((await server.get('/x?attack', headers)).status, 403)
  await waitFor(() => heard().length === 1, 'the message')
  t.same([heard(), server.verdicts()[0]?.client_ip], [['198.51.100.1'], '198.51.100.1'])
})

test('a repeated header is ignored', async (t) => {
  const server = await startGuarded(t, { __: RULES }, {}, PROXIED)
  const named = ['1', '2'].map((n) => `CF-Connecting-IP: 203.0.113.${n}\r\n`).join('')
  const head = `GET /x?attack HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n${named}\r\n`
  t.match(await rawRequest(server.port, head), /^HTTP\/1\.1 403 /)
  t.equal(server.verdicts()[0]?.client_ip, '127.0.0.1')
})

test('detected clients are not published, and an unreachable store delays nothing', async (t) => {
  const server = await startGuarded(t, { __: { ...RULES, mode: 'detect' } })
  const heard = await subscribe(t, server.redis)
  t.equal((await server.get('/x?attack')).status, 200)
  await server.rule({ __: { ...RULES, query: ['last'] } })
  await waitFor(async () => (await server.get('/x?last')).status === 403, 'the block')
  await waitFor(() => heard().length > 0, 'the message')
  t.equal(server.verdicts().filter(({ waf }) => waf.action === 'block').length, heard().length)
  await server.redis.kill9()
  t.equal((await server.get('/x?last')).status, 403)
  await server.line({ msg: 'store lost' })
  t.equal((await server.get('/x?last')).status, 403)
})
