import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { openRaw, respond, startOrigin } from '@reliw/testing'
import { test, type Test } from 'tap'
import { type Guarded, startGuarded } from './waf-site.ts'
import { exchange, newWebSocket, openWebSocket, startEcho, upgradeRequest } from './websockets.ts'

const RULES = { query: ['attack'], headers: { origin: ['evil'] } }

/** A site whose entry, and one whose upstream, is a server of WebSockets. */
async function start(t: Test, rules: object = RULES): Promise<Guarded & { asked: () => number }> {
  const { server, target } = await startEcho(t)
  let count = 0
  server.on('headers', () => count++)
  const values = {
    'API:a.example:all': { methods: { GET: true }, proxy: { target } },
    'PROXY:b.example': { target }
  }
  return { ...(await startGuarded(t, { __: rules }, values)), asked: () => count }
}

async function refused(
  t: Test,
  { port }: Guarded,
  site: string,
  path: string,
  headers = {}
): Promise<number | undefined> {
  const socket = newWebSocket(t, port, { site, path, headers })
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  return response.statusCode
}

test('rules are evaluated before a WebSocket reaches its upstream', async (t) => {
  const server = await start(t)
  for (const site of ['a.example', 'b.example']) {
    t.equal(await refused(t, server, site, '/x?attack'), 403, site)
    t.equal(await refused(t, server, site, '/x', { origin: 'http://evil.example' }), 403, site)
  }
  t.equal(server.asked(), 0)
  for (const site of ['a.example', 'b.example']) {
    const socket = await openWebSocket(t, server.port, { site, path: '/x' })
    t.equal(String((await exchange(socket, 'attack')).data), 'attack', 'messages are not looked at')
  }
  t.equal(server.asked(), 2)
  await server.line({ msg: 'request', path: '/x?attack', status: 403 })
})

test('the connection of a refused WebSocket is closed, and further bytes are not parsed', async (t) => {
  const server = await start(t)
  const client = openRaw(server.port)
  t.teardown(() => client.destroy())
  client.write(`${upgradeRequest('/x?attack')}GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n`)
  const answer = await client.readToEnd()
  t.match(answer, /^HTTP\/1\.1 403 /)
  t.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, 'one answer')
  t.equal(server.asked(), 0)
})

test('a WebSocket is redirected, or cut, where the rules say so', async (t) => {
  const server = await start(t, { ...RULES, action: { redirect: '/sorry', status: 302 } })
  t.equal(await refused(t, server, 'a.example', '/x?attack'), 302)
  await server.rule({ __: { ...RULES, query: ['attack', 'cut'], action: { close: true } } })
  const client = openRaw(server.port)
  t.teardown(() => client.destroy())
  client.write(upgradeRequest('/x?cut'))
  t.equal(await client.readToEnd(), '')
  t.equal(server.asked(), 0)
})

test('rules are evaluated for upgrades to other protocols, too', async (t) => {
  const origin = await startOrigin(t, respond('of the origin'))
  const values = { 'PROXY:a.example': { target: origin.url } }
  const server = await startGuarded(t, { __: RULES }, values)
  for (const protocol of ['h2c', 'other/1']) {
    const client = openRaw(server.port)
    t.teardown(() => client.destroy())
    const head = `GET /x?attack HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, close\r\n`
    client.write(`${head}Upgrade: ${protocol}\r\n\r\n`)
    t.match(await client.readToEnd(), /^HTTP\/1\.1 403 /, protocol)
  }
  t.equal(origin.requests.length, 0)
})
