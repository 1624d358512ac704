import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { waitFor, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import { Tunnels } from '../src/tunnel/tunnels.ts'
import { openTunnel, startDeadlines, startFront } from './tunnel-ends.ts'
import { frame } from './websocket-frame.ts'

const CLOSE_OF_CLIENT = '\x88\x02\x03\xe9'
const CLOSE_OF_ORIGIN = /^\x88\x82[^]{6}$/

interface WebSocketPair {
  tunnels: Tunnels
  client: WebSocket
  origin: WebSocket
}

async function openWebSockets(t: TestContext): Promise<WebSocketPair> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  t.teardown(() => server.close())
  const tunnels = new Tunnels(startDeadlines(t))
  const { port: originPort } = server.address() as AddressInfo
  const port = await startFront(t, originPort, (options) => void tunnels.add(options))
  const accepted = once(server, 'connection') as Promise<[WebSocket]>
  const client = new WebSocket(`ws://127.0.0.1:${port}/`)
  await once(client, 'open')
  const [origin] = await accepted
  t.teardown(() => client.terminate())
  t.teardown(() => origin.terminate())
  return { tunnels, client, origin }
}

test('WebSockets talk through a tunnel', async (t) => {
  const { client, origin, tunnels } = await openWebSockets(t)
  origin.on('message', (data: RawData, isBinary: boolean) =>
    origin.send(data, { binary: isBinary })
  )
  const large = Buffer.alloc(200_000, 'x')
  for (const message of ['text', large, '']) {
    client.send(message)
    const [data] = await once(client, 'message')
    t.ok(Buffer.from(message).equals(data as Buffer))
  }
  const answers = Promise.all([once(client, 'pong'), once(client, 'message')])
  client.send('frag', { fin: false })
  client.ping()
  client.send('mented', { fin: true })
  const [, [whole]] = await answers
  t.equal(String(whole), 'fragmented')
  client.close(4000, 'enough')
  const [code] = await once(origin, 'close')
  t.equal(code, 4000)
  await waitFor(() => tunnels.size === 0, 'the end of the tunnel')
})

test('a drain tells both WebSockets that it is going away', async (t) => {
  const { client, origin, tunnels } = await openWebSockets(t)
  const codes = Promise.all([once(client, 'close'), once(origin, 'close')])
  await tunnels.drain(0)
  t.strictSame(
    (await codes).map(([code]) => code),
    [1001, 1001]
  )
})

test('a frame that has begun is ended before a close', async (t) => {
  const { tunnel, client, origin, closed } = await openTunnel(t, { isWebSocket: true })
  const down = frame({ length: 70_000 }).toString('latin1')
  const up = frame({ length: 200, isMasked: true }).toString('latin1')
  origin.far.write(down.slice(0, 40_000))
  client.far.write(up.slice(0, 3))
  const begun = (await client.far.read(/^[^]{40000}/)) + (await origin.far.read(/^[^]{3}/))
  t.equal(begun, down.slice(0, 40_000) + up.slice(0, 3))
  tunnel.close()
  // Nothing of the frames that follow is passed.
  origin.far.write(`${down.slice(40_000)}${down}`)
  client.far.write(`${up.slice(3)}${up}`)
  t.equal(await client.far.readToEnd(), `${down.slice(40_000)}${CLOSE_OF_CLIENT}`)
  const rest = await origin.far.readToEnd()
  t.equal(rest.slice(0, up.length - 3), up.slice(3))
  t.match(rest.slice(up.length - 3), CLOSE_OF_ORIGIN)
  client.far.end()
  origin.far.end()
  t.match(await closed, { reason: 'going away', bytesIn: up.length, bytesOut: down.length })
})

test('a close in any part of a frame waits for its end, however slowly that comes', async (t) => {
  const bytes = frame({ length: 5, isMasked: true })
  const text = bytes.toString('latin1')
  for (let cut = 1; cut < bytes.length; cut += 1) {
    const { tunnel, client, origin } = await openTunnel(t, { isWebSocket: true })
    origin.far.write(bytes.subarray(0, cut))
    await client.far.read(text.slice(0, cut))
    tunnel.close()
    for (const byte of bytes.subarray(cut)) origin.far.write(Buffer.of(byte))
    t.equal(await client.far.readToEnd(), text.slice(cut) + CLOSE_OF_CLIENT, `cut at ${cut}`)
  }
})

test('the close frame between the frames of a message is masked for the origin only', async (t) => {
  const { tunnel, client, origin } = await openTunnel(t, { isWebSocket: true })
  const part = frame({ opcode: 1, isFinal: false, length: 3 }).toString('latin1')
  origin.far.write(part)
  await client.far.read(part)
  tunnel.close()
  t.equal(await client.far.readToEnd(), CLOSE_OF_CLIENT)
  const close = Buffer.from(await origin.far.readToEnd(), 'latin1')
  t.match(close.toString('latin1'), CLOSE_OF_ORIGIN)
  const status = [6, 7].map((at) => close.readUInt8(at) ^ close.readUInt8(at - 4))
  t.strictSame(status, [0x03, 0xe9])
})

test('a side that was told to close is not told again', async (t) => {
  const { tunnel, client, origin } = await openTunnel(t, { isWebSocket: true })
  const close = frame({ opcode: 8, length: 0, isMasked: true }).toString('latin1')
  client.far.write(close)
  t.equal(await origin.far.read(close), close)
  tunnel.close()
  t.equal(await origin.far.readToEnd(), '')
  t.equal(await client.far.readToEnd(), CLOSE_OF_CLIENT)
})

test('a frame that never ends does not keep a tunnel open', async (t) => {
  const { tunnel, client, origin, closed } = await openTunnel(t, { isWebSocket: true })
  origin.far.write(frame({ length: 10 }).subarray(0, 5))
  await client.far.read(/^[^]{5}/)
  tunnel.close()
  t.equal(await client.far.readToEnd(), '')
  t.match(await origin.far.readToEnd(), CLOSE_OF_ORIGIN)
  t.match(await closed, { reason: 'going away', bytesOut: 5 })
})

test('an idle WebSocket is closed in order', async (t) => {
  const { client, origin, closed } = await openTunnel(t, { isWebSocket: true, idleTimeout: 10 })
  for (const { far } of [client, origin]) far.socket.once('end', () => far.end())
  t.equal(await client.far.readToEnd(), CLOSE_OF_CLIENT)
  t.match(await origin.far.readToEnd(), CLOSE_OF_ORIGIN)
  t.match(await closed, { reason: 'idle timeout' })
})
