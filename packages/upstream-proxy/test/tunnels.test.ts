import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { createAuthority, portOf, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { Tunnel } from '../src/tunnel/tunnel.ts'
import { Tunnels } from '../src/tunnel/tunnels.ts'
import { openConnection, openTunnel, startDeadlines, tunnelOptions } from './tunnel-ends.ts'

const MIB = 1024 * 1024

test('a tunnel passes bytes both ways, and counts them', async (t) => {
  const { client, origin, closed } = await openTunnel(t)
  client.far.write('to the origin')
  t.equal(await origin.far.read('origin'), 'to the origin')
  origin.far.write('back')
  t.equal(await client.far.read('back'), 'back')
  client.far.write('\0\xff')
  t.equal(await origin.far.read('\xff'), '\0\xff')
  client.far.end()
  origin.far.end()
  const summary = await closed
  t.match(summary, { bytesIn: 15, bytesOut: 4, error: undefined })
  t.ok(summary.ms > 0)
})

test('what came with the heads comes first', async (t) => {
  const { client, origin } = await openTunnel(t, {
    clientHead: Buffer.from('early '),
    originHead: Buffer.from('too ')
  })
  client.far.write('late')
  origin.far.write('late')
  t.equal(await origin.far.read('late'), 'early late')
  t.equal(await client.far.read('late'), 'too late')
})

test('the end of one side ends what the other gets, not what it sends', async (t) => {
  const { client, origin, closed } = await openTunnel(t)
  client.far.write('question')
  client.far.end()
  t.equal(await origin.far.readToEnd(), 'question')
  origin.far.write('an answer')
  t.equal(await client.far.read('answer'), 'an answer')
  origin.far.write(', and more')
  origin.far.end()
  t.equal(await client.far.readToEnd(), ', and more')
  t.match(await closed, { reason: 'client ended', error: undefined })
})

test('the origin may be the one that ends first', async (t) => {
  const { client, origin, closed } = await openTunnel(t)
  origin.far.end()
  t.equal(await client.far.readToEnd(), '')
  client.far.write('still here')
  client.far.end()
  t.equal(await origin.far.readToEnd(), 'still here')
  t.match(await closed, { reason: 'origin ended', bytesIn: 10 })
})

test('a side that fails takes the other with it, after what was passed on', async (t) => {
  const { client, origin, closed } = await openTunnel(t)
  client.far.socket.pause()
  origin.far.write(Buffer.alloc(32 * MIB, 'x'))
  await waitFor(() => origin.near.isPaused(), 'more than the client takes')
  t.ok(client.near.writableLength > 0)
  origin.near.destroy(new Error('of the test'))
  client.far.socket.resume()
  const received = await client.far.readToEnd()
  const { reason, error, bytesOut } = await closed
  t.equal(reason, 'origin failed')
  t.match(error, { message: 'of the test' })
  t.equal(received.length, bytesOut)
})

test('a client that resets its connection ends the origin’s', async (t) => {
  const { client, origin, closed } = await openTunnel(t)
  client.far.write('x')
  await origin.far.read('x')
  client.far.socket.resetAndDestroy()
  t.equal(await origin.far.readToEnd(), '')
  t.match(await closed, { reason: 'client failed', error: { code: 'ECONNRESET' } })
})

test('a side that was gone before the tunnel was there ends it', async (t) => {
  const [client, origin] = await Promise.all([openConnection(t), openConnection(t)])
  client.near.destroy()
  await once(client.near, 'close')
  const summary = await new Promise((onClose) => {
    const options = tunnelOptions(client, origin, { onClose, originHead: Buffer.from('x') })
    void new Tunnel(options, startDeadlines(t))
  })
  t.match(summary, { reason: 'client ended' })
  t.equal(await origin.far.readToEnd(), '')
})

test('a side that had ended before the tunnel was there can be answered', async (t) => {
  const [client, origin] = await Promise.all([openConnection(t), openConnection(t)])
  client.near.allowHalfOpen = true
  client.far.end()
  await once(client.near.resume(), 'end')
  void new Tunnel(tunnelOptions(client, origin), startDeadlines(t))
  t.equal(await origin.far.readToEnd(), '')
  origin.far.write('answer')
  t.equal(await client.far.read('answer'), 'answer')
})

test('a side that takes nothing stops the other, and nothing is lost', async (t) => {
  const { client, origin } = await openTunnel(t)
  const size = 32 * MIB
  let received = 0
  client.far.socket.removeAllListeners('data').pause()
  origin.far.write(Buffer.alloc(size, 'x'))
  await waitFor(() => origin.near.isPaused(), 'a pause')
  t.ok(client.near.writableLength < MIB)
  t.ok(origin.near.bytesRead < size)
  client.far.socket.on('data', (chunk) => (received += chunk.length)).resume()
  await waitFor(() => received === size, 'all bytes')
  // The other way is free all the time.
  client.far.write('x')
  t.equal(await origin.far.read('x'), 'x')
})

test('a tunnel that is idle for too long ends', async (t) => {
  const { client, origin, closed } = await openTunnel(t, { idleTimeout: 50 })
  client.far.socket.once('end', () => client.far.end())
  origin.far.socket.once('end', () => origin.far.end())
  t.equal(await client.far.readToEnd(), '')
  t.match(await closed, { reason: 'idle timeout' })
})

test('a byte in either direction is enough for a tunnel not to be idle', async (t) => {
  const idleTimeout = 150
  for (const side of ['client', 'origin'] as const) {
    const opened = await openTunnel(t, { idleTimeout })
    const closed = opened.closed.then(() => performance.now())
    for (const at of ['client', 'origin'] as const) {
      opened[at].far.socket.once('end', () => opened[at].far.end())
    }
    const start = performance.now()
    let last = start
    while (last < start + 2 * idleTimeout) {
      last = performance.now()
      opened[side].far.write('x')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    t.ok((await closed) >= last + idleTimeout, `bytes of the ${side}`)
  }
})

test('an upgrade that is no WebSocket is closed without a byte', async (t) => {
  const { tunnel, client, origin, closed } = await openTunnel(t)
  client.far.write('x')
  await origin.far.read('x')
  tunnel.close()
  tunnel.close()
  t.equal(await client.far.readToEnd(), '')
  t.equal(await origin.far.readToEnd(), '')
  // What is sent now is read, so that the connection ends in order, and dropped.
  client.far.write('y')
  client.far.end()
  origin.far.end()
  t.match(await closed, { reason: 'going away', bytesIn: 1, error: undefined })
})

test('a side that does not end after a close is destroyed', async (t) => {
  const { tunnel, client, origin, closed } = await openTunnel(t)
  tunnel.close()
  origin.far.end()
  t.match(await closed, { reason: 'going away' })
  t.ok(client.near.destroyed)
})

test('a tunnel joins TLS connections, half-closed ones too', async (t) => {
  const authority = await createAuthority()
  const server = createTlsServer(await authority.issue(['127.0.0.1']))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>
  const address = { port: portOf(server), host: '127.0.0.1', ca: authority.cert }
  const far = connectTls(address)
  far.allowHalfOpen = true
  const [near] = await accepted
  const origin = await openConnection(t)
  t.teardown(() => near.destroy())
  t.teardown(() => far.destroy())
  void new Tunnel(tunnelOptions({ near }, origin), startDeadlines(t))
  far.end('question')
  t.equal(await origin.far.readToEnd(), 'question')
  origin.far.write('answer')
  origin.far.end()
  t.equal(await text(far), 'answer')
})

test('a drain waits for tunnels that end by themselves', async (t) => {
  const tunnels = new Tunnels(startDeadlines(t))
  await tunnels.drain(60_000)
  const other = new Tunnels(startDeadlines(t))
  const ends = [
    [await openConnection(t), await openConnection(t)],
    [await openConnection(t), await openConnection(t)]
  ] as const
  for (const [client, origin] of ends) other.add(tunnelOptions(client, origin))
  t.equal(other.size, 2)
  const drained = Promise.all([other.drain(60_000), other.drain(60_000)])
  for (const [client, origin] of ends) {
    client.far.end()
    await origin.far.readToEnd()
    origin.far.end()
  }
  await drained
  t.equal(other.size, 0)
})

test('a drain closes what is open when its patience is over', async (t) => {
  const tunnels = new Tunnels(startDeadlines(t))
  const reasons: string[] = []
  const add = async (): Promise<void> => {
    const [client, origin] = await Promise.all([openConnection(t), openConnection(t)])
    for (const { far } of [client, origin]) far.socket.once('end', () => far.end())
    tunnels.add(tunnelOptions(client, origin, { onClose: ({ reason }) => reasons.push(reason) }))
  }
  await Promise.all([add(), add()])
  await tunnels.drain(10)
  t.equal(tunnels.size, 0)
  await add()
  await tunnels.drain(60_000)
  t.strictSame(reasons, ['going away', 'going away', 'going away'])
})
