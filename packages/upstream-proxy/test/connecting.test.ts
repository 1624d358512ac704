import { getEventListeners, once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import { freePort, tempDir, waitFor, type TestContext } from '@reliw/testing'
import { NameResolver, type NameResolverOptions } from '../src/connect/resolver.ts'
import { connectTo, failureOf, listen, listenRaw } from './connect-to.ts'
import { type DnsServer, startDnsServer } from './dns-server.ts'
import { startFullBacklog } from './full-backlog.ts'

const NAME = 'origin.example'

/** A DNS server that knows one name, and a resolver that asks it. */
async function setUpName(
  t: TestContext,
  addresses: readonly string[],
  options: NameResolverOptions = {}
): Promise<{ dns: DnsServer; names: NameResolver }> {
  const dns = await startDnsServer(t, { [NAME]: { addresses, ttl: 60 } })
  const names = new NameResolver({ ...options, servers: [dns.address] })
  t.teardown(() => names.close())
  return { dns, names }
}

test('an origin is connected to by address', async (t) => {
  const origin = await listenRaw(t, (socket) => socket.end('hello'))
  const { socket, protocol } = await connectTo(t, { target: `127.0.0.1:${origin.port}` })
  t.equal(protocol, 'http/1.1')
  const [data] = await once(socket, 'data')
  t.equal(String(data), 'hello')
})

test('an origin is connected to by a name that the system knows', async (t) => {
  const origin = await listenRaw(t)
  const { socket } = await connectTo(t, { target: `localhost:${origin.port}` })
  t.equal(socket.remotePort, origin.port)
})

test('all addresses of a name are tried', async (t) => {
  const origin = await listenRaw(t)
  const addresses = ['127.0.0.2', '127.0.0.1', '127.0.0.3', '0:0:0:0:0:0:0:1']
  const { names } = await setUpName(t, addresses)
  for (const address of addresses) {
    const { socket } = await connectTo(t, { target: `${NAME}:${origin.port}` }, { names })
    t.equal(socket.remoteAddress, '127.0.0.1', `instead of ${address}`)
  }
})

test('a refused connection says where and why', async (t) => {
  const port = await freePort()
  const { kind, message, status } = await failureOf(connectTo(t, { target: `127.0.0.1:${port}` }))
  t.equal(kind, 'connect')
  t.equal(message, `no connection to 127.0.0.1:${port}: ECONNREFUSED`)
  t.equal(status, 502)
})

test('when all addresses refuse, the reason is named once', async (t) => {
  const { names } = await setUpName(t, ['127.0.0.1', '127.0.0.2'])
  const target = `${NAME}:${await freePort()}`
  const { kind, message } = await failureOf(connectTo(t, { target }, { names }))
  t.equal(kind, 'connect')
  t.equal(message, `no connection to ${target}: ECONNREFUSED`)
})

test('a name that does not exist is no connection', async (t) => {
  const { names } = await setUpName(t, [])
  const connecting = connectTo(t, { target: 'nobody.example' }, { names })
  const { kind, message } = await failureOf(connecting)
  t.equal(kind, 'connect')
  t.equal(message, 'nobody.example does not resolve: ENOTFOUND')
})

test('an origin that does not answer is a timeout', async (t) => {
  const target = `127.0.0.1:${await startFullBacklog(t)}`
  const { kind, message, status } = await failureOf(
    connectTo(t, { target, timeouts: { connect: '20ms' } })
  )
  t.equal(kind, 'connect timeout')
  t.equal(message, `connecting to ${target} took longer than 20 ms`)
  t.equal(status, 504)
})

test('the time to connect is that of the name, too', async (t) => {
  const { dns, names } = await setUpName(t, ['127.0.0.1'])
  dns.mode = 'is silent'
  const input = { target: NAME, timeouts: { connect: '20ms' } }
  t.equal((await failureOf(connectTo(t, input, { names }))).kind, 'connect timeout')
})

test('a name is resolved again after its address refused', async (t) => {
  const origin = await listenRaw(t)
  let now = 0
  const { dns, names } = await setUpName(t, ['127.0.0.2'], { now: () => now })
  const target = `${NAME}:${origin.port}`
  await names.lookup(NAME)
  dns.records.set(NAME, { addresses: ['127.0.0.1'], ttl: 60 })
  now += 2000
  t.equal((await failureOf(connectTo(t, { target }, { names }))).kind, 'connect')
  t.equal((await connectTo(t, { target }, { names })).socket.remoteAddress, '127.0.0.1')
})

test('a Unix socket is connected to', async (t) => {
  const path = join(tempDir(t), 'origin.sock')
  await listen(
    t,
    createServer((socket) => socket.end('hello')),
    path
  )
  const { socket } = await connectTo(t, { target: `unix:${path}` })
  const [data] = await once(socket, 'data')
  t.equal(String(data), 'hello')
})

test('a Unix socket that is not there, or is none, is no connection', async (t) => {
  const dir = tempDir(t)
  writeFileSync(join(dir, 'file'), '')
  const missing = await failureOf(connectTo(t, { target: `unix:${dir}/missing.sock` }))
  t.equal(missing.kind, 'connect')
  t.equal(missing.message, `no connection to ${dir}/missing.sock: ENOENT`)
  t.equal((await failureOf(connectTo(t, { target: `unix:${dir}/file` }))).kind, 'connect')
})

const isRoot = process.getuid?.() === 0

test('a Unix socket that we may not use is no connection', { skip: isRoot }, async (t) => {
  const path = join(tempDir(t), 'origin.sock')
  await listen(t, createServer(), path)
  chmodSync(path, 0)
  const { kind, message } = await failureOf(connectTo(t, { target: `unix:${path}` }))
  t.equal(kind, 'connect')
  t.equal(message, `no connection to ${path}: EACCES`)
})

test('without allow_private, neither private addresses nor Unix sockets are led to', async (t) => {
  const origin = await listenRaw(t)
  const path = join(tempDir(t), 'origin.sock')
  await listen(t, createServer(), path)
  const targets = [
    `127.0.0.1:${origin.port}`,
    `[::ffff:127.0.0.1]:${origin.port}`,
    `localhost:${origin.port}`,
    '169.254.169.254',
    '[fd00:ec2::254]',
    `unix:${path}`
  ]
  for (const target of targets) {
    const { kind } = await failureOf(connectTo(t, { target, allow_private: false }))
    t.equal(kind, 'forbidden', target)
  }
  t.equal(origin.sockets.length, 0)
})

test('a name that leads to a private address is forbidden, unless it may', async (t) => {
  const origin = await listenRaw(t)
  const { names } = await setUpName(t, ['127.0.0.1', '0:0:0:0:0:ffff:7f00:1'])
  const target = `${NAME}:${origin.port}`
  const { kind } = await failureOf(connectTo(t, { target, allow_private: false }, { names }))
  t.equal(kind, 'forbidden')
  t.equal(origin.sockets.length, 0)
  await t.resolves(connectTo(t, { target }, { names }))
})

test('the private ones among the addresses of a name are left out', async (t) => {
  const origin = await listenRaw(t)
  const { names } = await setUpName(t, ['127.0.0.1', '192.0.2.1'])
  const input = { target: `${NAME}:${origin.port}`, allow_private: false }
  const timeouts = { connect: '20ms' }
  // Nobody is there, which shows at once or after a while.
  const { kind } = await failureOf(connectTo(t, { ...input, timeouts }, { names }))
  t.match(kind, /^connect/)
  t.equal(origin.sockets.length, 0)
})

test('an abort ends the wait for a name', async (t) => {
  const { dns, names } = await setUpName(t, ['127.0.0.1'])
  dns.mode = 'is silent'
  const abort = new AbortController()
  const { signal } = abort
  const connecting = failureOf(connectTo(t, { target: NAME }, { names, signal }))
  await waitFor(() => dns.asked(NAME) > 0, 'the question')
  abort.abort()
  const { kind, message } = await connecting
  t.equal(kind, 'connect')
  t.equal(message, `connecting to ${NAME} was aborted`)
  t.equal(getEventListeners(signal, 'abort').length, 0)
})

test('an abort ends the wait for an origin', async (t) => {
  const target = `127.0.0.1:${await startFullBacklog(t)}`
  const abort = new AbortController()
  const { signal } = abort
  const connecting = failureOf(connectTo(t, { target }, { signal }))
  await waitFor(() => getEventListeners(signal, 'abort').length > 0, 'the attempt')
  abort.abort()
  t.equal((await connecting).kind, 'connect')
  t.equal(getEventListeners(signal, 'abort').length, 0)
})

test('what was aborted before it began does not connect', async (t) => {
  const origin = await listenRaw(t)
  const signal = AbortSignal.abort()
  const target = `127.0.0.1:${origin.port}`
  t.equal((await failureOf(connectTo(t, { target }, { signal }))).kind, 'connect')
  await t.resolves(connectTo(t, { target }))
  await waitFor(() => origin.open() === 1, 'one connection')
})

test('a connection is left with the listeners of nobody but itself', async (t) => {
  const origin = await listenRaw(t)
  const { signal } = new AbortController()
  const { socket } = await connectTo(t, { target: `127.0.0.1:${origin.port}` }, { signal })
  t.equal(getEventListeners(signal, 'abort').length, 0)
  t.same([socket.listenerCount('connect'), socket.listenerCount('close')], [0, 0])
})

test('an origin that resets what it accepts is a failure, or a connection that closes', async (t) => {
  const origin = await listenRaw(t, (socket) => socket.resetAndDestroy())
  for (let i = 0; i < 50; i++) {
    const connecting = connectTo(t, { target: `127.0.0.1:${origin.port}` })
    const connection = await connecting.catch(async () => failureOf(connecting))
    if (connection instanceof Error) t.equal(connection.kind, 'connect')
    else await waitFor(() => connection.socket.resume().destroyed, 'the end')
  }
})
