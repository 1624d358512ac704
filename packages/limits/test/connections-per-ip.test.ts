import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { createAuthority, portOf, tempDir, type TestContext, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { limitConnections } from '../src/connections/connections-per-ip.ts'
import { listen } from './slow-server.ts'

const NOBODY = (): boolean => false

/** A client with an address of its own on loopback. */
function from(t: TestContext, port: number, localAddress: string): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => undefined)
  t.teardown(() => socket.destroy())
  return socket
}

/** Whether a request on it is answered; it is closed otherwise. */
function isServed(client: Socket): Promise<boolean> {
  client.write('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')
  return new Promise((resolve) => {
    client.once('data', () => resolve(true)).once('close', () => resolve(false))
  })
}

function isClosed(client: Socket): Promise<void> {
  return new Promise((resolve) => void client.once('close', () => resolve()))
}

function create(): Server {
  return createServer((_request, response) => response.end('served'))
}

test('a client has so many connections, and others have theirs', async (t) => {
  const server = create()
  const limit = limitConnections(server, 3, NOBODY)
  const port = await listen(t, server)
  const clients: Socket[] = []
  for (const address of ['127.0.0.1', '127.0.0.2']) {
    for (let at = 0; at < 3; at += 1) {
      const client = from(t, port, address)
      clients.push(client)
      t.equal(await isServed(client), true)
    }
    t.equal(await isServed(from(t, port, address)), false, 'one too many')
  }
  t.match(limit, { dropped: 2, clients: 2 })
  for (const client of clients) t.equal(await isServed(client), true, 'those that were let in stay')
})

test('a place is free again when a connection is closed', async (t) => {
  const server = create()
  const limit = limitConnections(server, 1, NOBODY)
  const port = await listen(t, server)
  for (let at = 0; at < 5; at += 1) {
    const client = from(t, port, '127.0.0.1')
    t.equal(await isServed(client), true)
    t.equal(await isServed(from(t, port, '127.0.0.1')), false)
    client.destroy()
    await waitFor(() => limit.clients === 0, 'the end of the connection')
  }
  t.equal(limit.dropped, 5)
})

test('a refused connection takes no place and leaves nothing behind', async (t) => {
  const server = create()
  const limit = limitConnections(server, 0, NOBODY)
  const port = await listen(t, server)
  const clients = Array.from({ length: 50 }, () => from(t, port, '127.0.0.1'))
  await Promise.all(clients.map(isClosed))
  t.match(limit, { dropped: 50, clients: 0 })
})

test('exempt addresses are not counted', async (t) => {
  const server = create()
  const limit = limitConnections(server, 1, (ip) => ip === '127.0.0.9')
  const port = await listen(t, server)
  for (let at = 0; at < 3; at += 1) t.equal(await isServed(from(t, port, '127.0.0.9')), true)
  t.match(limit, { dropped: 0, clients: 0 })
})

/**
 * Accepts one connection from each address, as if it came from there, and tells which were let in.
 */
async function letIn(t: TestContext, addresses: readonly string[]): Promise<string[]> {
  const server = createTcpServer()
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => {
    Object.defineProperty(socket, 'remoteAddress', { value: addresses[sockets.length] })
    sockets.push(socket)
  })
  limitConnections(server, 2, NOBODY)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  for (const { length } of addresses.map((_, at) => ({ length: at + 1 }))) {
    from(t, portOf(server), '127.0.0.1')
    await waitFor(() => sockets.length === length, 'the connection')
  }
  const indexes = [...sockets.keys()].filter((at) => sockets[at]?.destroyed === false)
  for (const socket of sockets) socket.destroy()
  return indexes.map((at) => addresses[at] ?? '')
}

test('a /64 of IPv6 is one client', async (t) => {
  const one = ['2001:db8:0:1::1', '2001:db8:0:1:ffff::1', '2001:db8:0:1::3']
  const others = ['2001:db8:0:2::1', '2001:db8::1', '2001:db8:0:1:1::']
  t.strictSame(await letIn(t, [...one, ...others]), [one[0], one[1], others[0], others[1]])
})

test('an IPv4 address is the same client in IPv6', async (t) => {
  const addresses = ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:192.0.2.1', '::ffff:192.0.2.2']
  t.strictSame(await letIn(t, addresses), [addresses[0], addresses[1], addresses[3]])
})

test('connections count before their TLS handshake', async (t) => {
  const authority = await createAuthority()
  const server = createTlsServer(await authority.issue(['localhost']), (socket) =>
    socket.end('served')
  )
  server.on('tlsClientError', () => undefined)
  const limit = limitConnections(server, 1, NOBODY)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const port = portOf(server)
  const silent = from(t, port, '127.0.0.1')
  await waitFor(() => limit.clients === 1, 'the connection')
  await isClosed(from(t, port, '127.0.0.1'))
  t.equal(limit.dropped, 1)
  silent.destroy()
  await waitFor(() => limit.clients === 0, 'the end of the connection')
  const client = connectTls({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: authority.cert
  })
  t.teardown(() => client.destroy())
  t.match(await once(client, 'data'), [Buffer.from('served')])
})

test('clients of a Unix socket are not counted', async (t) => {
  const server = create()
  const limit = limitConnections(server, 1, NOBODY)
  const path = join(tempDir(t), 'socket')
  server.listen(path)
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  for (let at = 0; at < 3; at += 1) {
    const client = connect(path)
    t.teardown(() => client.destroy())
    t.equal(await isServed(client), true)
  }
  t.match(limit, { dropped: 0, clients: 0 })
})
