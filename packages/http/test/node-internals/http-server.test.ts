import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { openRaw, portOf, tempDir, waitFor } from '@reliw/testing'
import { test } from 'tap'
import {
  allowHalfOpen,
  closeListener,
  connectionsOf,
  decideUpgrades,
  peerAddress
} from '../../src/index.ts'
import { GET, serve } from './serve.ts'

const UPGRADE = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n'

test('the connections of a server are known, and which of them wait for a request', async (t) => {
  const { server, client, exchange } = await serve(t)
  client.write(GET)
  const [{ socket: idle }, response] = await exchange(0)
  response.end('one')
  await client.read('one')
  const other = openRaw(portOf(server))
  t.teardown(() => other.destroy())
  other.write('GET / HT')
  const [busy] = (await once(server, 'connection')) as [Socket]
  await waitFor(() => busy.bytesRead > 0, 'a part of a request')

  const connections = connectionsOf(server)
  const all = connections?.all().map(({ socket }) => socket)
  t.equal(all?.length, 2)
  t.ok(all?.includes(idle) && all.includes(busy))
  t.equal(connections?.idle().length, 1)
  t.equal(connections?.idle()[0]?.socket, idle)
})

test('closing the listener lets an idle connection send its next request', async (t) => {
  const { server, client, exchange } = await serve(t)
  client.write(GET)
  ;(await exchange(0))[1].end('one')
  await client.read('one')
  const closed = closeListener(server)
  t.equal(server.listening, false)
  client.write(GET)
  ;(await exchange(1))[1].writeHead(200, { connection: 'close' }).end('2')
  t.match(await client.readToEnd(), '2\r\n0\r\n\r\n')
  client.end()
  await closed
})

test('a client that has sent FIN gets its response', async (t) => {
  const { server, client, exchange } = await serve(t)
  allowHalfOpen(server)
  client.write(GET)
  const [{ socket }, response] = await exchange(0)
  const ended = once(socket, 'end')
  client.end()
  socket.resume()
  await ended
  response.writeHead(200, { connection: 'close' }).end('late')
  t.match(await client.readToEnd(), 'late')
})

test('a filter decides which requests are upgrades', async (t) => {
  const { server, client, exchange } = await serve(t)
  let may = false
  decideUpgrades(server, () => may)
  server.on('upgrade', (_request, socket) => socket.end('upgraded'))
  client.write(UPGRADE)
  ;(await exchange(0))[1].end('plain')
  await client.read('plain')
  may = true
  client.write(UPGRADE)
  t.equal(await client.readToEnd(), 'upgraded')
})

test('the peer of a Unix socket is this machine, and a TCP peer that has disconnected has no address', async (t) => {
  const path = join(tempDir(t), 'socket')
  const server = createServer().listen(path)
  await once(server, 'listening')
  const unix = connect(path)
  t.teardown(() => {
    unix.destroy()
    server.close()
  })
  unix.write(GET)
  const [{ socket: local }] = (await once(server, 'request')) as [IncomingMessage]
  t.equal(peerAddress(local), '127.0.0.1')

  const { server: tcp, client } = await serve(t)
  const [disconnected] = (await once(tcp, 'connection')) as [Socket]
  client.destroy()
  disconnected.destroy()
  t.equal(peerAddress(disconnected), '')
})
