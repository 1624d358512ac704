import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { writeLocalHeader, writeProxyHeader } from '@reliw/http'
import { waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import type { Config } from '../src/index.ts'
import { type Server, startServer } from './start-server.ts'

const CLIENT = { clientIp: '192.0.2.7', clientPort: 4711, serverIp: '198.51.100.1', serverPort: 80 }
const V1 = writeProxyHeader('v1', CLIENT)
const V2 = writeProxyHeader('v2', CLIENT)
const TLVS = Buffer.concat([
  V2.subarray(0, 14),
  Buffer.from([0, 12 + 5]),
  V2.subarray(16),
  Buffer.from([4, 0, 2, 1, 1])
])
const HEAD = 'GET /page HTTP/1.1\r\nHost: a.example\r\n'
const FORWARDED =
  'X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Request-ID: chosen\r\n'

/** Starts a server that responds with the facts of each request; 127.0.0.1 is a trusted proxy. */
async function start(t: Test, config: Config = {}): Promise<Server> {
  const settings: Config = {
    trusted_proxies: ['127.0.0.1'],
    proxy_protocol: 'required',
    ...config
  }
  return startServer(t, {}, settings, (app) => {
    app.addHook('onRequest', async ({ facts, id }, reply) =>
      reply.send(Object.assign({ id }, facts))
    )
  })
}

function open(t: Test, port: number, from = '127.0.0.1'): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  socket.on('error', () => undefined)
  t.teardown(() => socket.destroy())
  return socket
}

async function readAll(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('latin1').on('data', (piece: string) => (text += piece))
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
  return text
}

/** Sends bytes on a connection of its own; the text that comes back until it is closed. */
async function exchange(t: Test, port: number, bytes: (string | Buffer)[], from?: string) {
  const socket = open(t, port, from)
  socket.write(Buffer.concat(bytes.map((piece) => Buffer.from(piece))))
  return readAll(socket)
}

function factsIn(response: string): Record<string, unknown> {
  return JSON.parse(response.slice(response.indexOf('\r\n\r\n') + 4)) as Record<string, unknown>
}

const LAST = `${HEAD}${FORWARDED}Connection: close\r\n\r\n`

t.test(
  'a header of a trusted peer names the client, whose own headers are not trusted',
  async (t) => {
    const { port, line } = await start(t)
    for (const header of [V1, V2, TLVS]) {
      const facts = factsIn(await exchange(t, port, [header, LAST]))
      t.match(facts, {
        clientIp: '192.0.2.7',
        sourceIp: '192.0.2.7',
        peerIp: '127.0.0.1',
        isPeerTrusted: false,
        isSecure: false
      })
      t.not(facts['id'], 'chosen', 'nor the id')
    }
    t.ok(await line({ client_ip: '192.0.2.7' }), 'in the access log')
    const ipv6 = writeProxyHeader('v2', { ...CLIENT, clientIp: '2001:db8::7' })
    t.match(factsIn(await exchange(t, port, [ipv6, LAST])), { clientIp: '2001:db8::7' })
  }
)

t.test('a trusted source behind the peer may name the client in a header', async (t) => {
  const { port } = await start(t, { trusted_proxies: ['127.0.0.1', '192.0.2.0/24'] })
  const expected = { clientIp: '203.0.113.9', sourceIp: '192.0.2.7', isPeerTrusted: true }
  t.match(factsIn(await exchange(t, port, [V1, LAST])), {
    ...expected,
    isSecure: true,
    id: 'chosen'
  })
})

t.test('a connection of the proxy itself keeps its address', async (t) => {
  const { port } = await start(t)
  const local = factsIn(await exchange(t, port, [writeLocalHeader('v2'), LAST]))
  t.match(local, { clientIp: '203.0.113.9', peerIp: '127.0.0.1', isPeerTrusted: true })
  const unknown = factsIn(await exchange(t, port, [writeLocalHeader('v1'), LAST]))
  t.match(unknown, { clientIp: '127.0.0.1', peerIp: '127.0.0.1', isPeerTrusted: false })
})

t.test('headers split byte by byte, and pipelined requests with bodies, are read', async (t) => {
  const { port } = await start(t)
  for (const header of [V1, V2]) {
    const socket = open(t, port)
    socket.setNoDelay(true)
    const answered = readAll(socket)
    for (const byte of Buffer.concat([header, Buffer.from(LAST)])) {
      socket.write(Buffer.from([byte]))
      await new Promise(setImmediate)
    }
    t.match(factsIn(await answered), { clientIp: '192.0.2.7' })
  }
  const post = 'POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nbody'
  const both = await exchange(t, port, [V2, post, `${HEAD}\r\n`, LAST])
  t.equal(both.match(/"clientIp":"192\.0\.2\.7"/g)?.length, 3)
  const socket = open(t, port)
  const answered = readAll(socket)
  socket.end(Buffer.concat([V1, Buffer.from(`${HEAD}\r\n`)]))
  t.match(await answered, /"clientIp":"192\.0\.2\.7"/, 'with FIN')
})

t.test('without a header, a trusted peer is served or refused as configured', async (t) => {
  const required = await start(t)
  t.equal(await exchange(t, required.port, [LAST]), '')
  t.match(await required.line({ proxy_header: 'missing' }), {
    msg: 'connection refused',
    peer_ip: '127.0.0.1'
  })
  const optional = await start(t, { proxy_protocol: 'optional' })
  t.match(factsIn(await exchange(t, optional.port, [LAST])), {
    clientIp: '203.0.113.9',
    isPeerTrusted: true
  })
  t.match(factsIn(await exchange(t, optional.port, [V2, LAST])), { clientIp: '192.0.2.7' })
  const late = open(t, optional.port)
  const answered = readAll(late)
  late.write('P')
  await new Promise(setImmediate)
  late.write(`OST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  t.match(await answered, /^HTTP\/1\.1 200 /)
})

t.test('another peer is served without a header, and refused with one', async (t) => {
  const { port, line } = await start(t)
  t.match(factsIn(await exchange(t, port, [LAST], '127.0.0.2')), {
    clientIp: '127.0.0.2',
    isPeerTrusted: false
  })
  for (const header of [V1, V2]) {
    const refused = await exchange(t, port, [header, LAST], '127.0.0.2')
    t.match(refused, /^HTTP\/1\.1 400 /)
    t.notMatch(refused, '192.0.2.7')
  }
  t.ok(await line({ proxy_header: 'unexpected', client_ip: '127.0.0.2' }))
})

t.test('whatever else a trusted peer sends ends its connection, and nothing else', async (t) => {
  const { port, line, app, log } = await start(t, {
    request_header_timeout: 0.3,
    metrics: { port: 0 }
  })
  const wrongLength = Buffer.from(V2)
  wrongLength[15] = 4
  const tooLong = Buffer.from(V2)
  tooLong[14] = 0xff
  const bad: [string, (string | Buffer)[]][] = [
    ['garbage', ['PROXY TCP4 garbage\r\n', LAST]],
    ['oversize', [`PROXY ${'x'.repeat(200)}\r\n`, LAST]],
    ['a wrong length', [wrongLength, LAST]],
    ['an excessive length', [tooLong, LAST]]
  ]
  for (const [what, bytes] of bad) t.equal(await exchange(t, port, bytes), '', what)
  t.ok(await line({ proxy_header: 'malformed' }))
  t.match(await exchange(t, port, [V1, V1, LAST]), /^HTTP\/1\.1 400 /, 'a second header')
  t.match(await exchange(t, port, [V2, V2, LAST]), /^HTTP\/1\.1 400 /, 'a second header')
  const slow = open(t, port)
  slow.write(V1.subarray(0, 9))
  t.equal(await readAll(slow), '', 'a slow header')
  t.ok(await line({ proxy_header: 'late' }))
  const early = open(t, port)
  early.end(V2.subarray(0, 20))
  t.equal(await readAll(early), '', 'an incomplete header')
  t.ok(await line({ proxy_header: 'incomplete' }))
  const before = log.length
  const silent = open(t, port)
  await once(silent, 'connect')
  silent.end()
  await readAll(silent)
  t.match(factsIn(await exchange(t, port, [V1, LAST])), { clientIp: '192.0.2.7' })
  t.notOk(
    log.slice(before).some((one) => 'proxy_header' in one),
    'a health check is not logged'
  )
  const families = await app.metrics.snapshot()
  const refused = families.find(({ name }) => name === 'reliw_connections_refused_total')
  const counts = new Map<string, unknown>(refused?.samples)
  const countOf = (reason: string): unknown => counts.get(`reason="${reason}"`)
  t.same(['malformed', 'late', 'incomplete'].map(countOf), [4, 1, 1])
})

t.test('limits on connections and bans are those of the client', async (t) => {
  const { port, set } = await start(t, { max_connections_per_ip: 1 })
  const first = open(t, port)
  first.write(Buffer.concat([V1, Buffer.from(`${HEAD}\r\n`)]))
  await once(first, 'data')
  t.equal(await exchange(t, port, [V1, LAST]), '', 'its second connection is reset')
  const other = writeProxyHeader('v1', { ...CLIENT, clientIp: '192.0.2.8' })
  t.match(await exchange(t, port, [other, LAST]), /^HTTP\/1\.1 200 /)
  await set('BANS:192.0.2.8', { reason: 'test' })
  await waitFor(
    async () => (await exchange(t, port, [other, LAST])).startsWith('HTTP/1.1 403 '),
    'the ban'
  )
})

t.test('a draining server does not wait for headers that never come', async (t) => {
  const { app, port } = await start(t, { request_header_timeout: 600 })
  const silent = open(t, port)
  const unused = open(t, port)
  unused.write(V1)
  await Promise.all([once(silent, 'connect'), once(unused, 'connect')])
  t.match(await exchange(t, port, [V1, LAST]), /^HTTP\/1\.1 200 /)
  await app.close()
  t.pass()
})
