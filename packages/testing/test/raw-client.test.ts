import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import t from 'tap'
import { openRaw, portOf, rawRequest, type TestContext } from '../src/index.ts'

async function serve(t: TestContext, handle: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, handle)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  return portOf(server)
}

t.test(
  'the response to a raw request is returned up to the end of the connection, byte for byte',
  async (t) => {
    const port = await serve(t, (socket) => void socket.pipe(socket))
    t.equal(await rawRequest(port, 'a\xff\r\n', { end: true }), 'a\xff\r\n')
    t.equal(await rawRequest(port, Buffer.of(0, 200), { end: true }), '\0\xc8')
  }
)

t.test('a raw request ends with what it waits for', async (t) => {
  const port = await serve(t, (socket) => void socket.pipe(socket))
  t.equal(await rawRequest(port, 'one\n\ntwo', { until: /\n\n/ }), 'one\n\n')
})

t.test('reads take one piece after the other from a connection', async (t) => {
  const port = await serve(t, (socket) => void socket.pipe(socket))
  const client = openRaw(port)
  client.write('one;two;')
  t.equal(await client.read(';'), 'one;')
  t.equal(await client.read(/;/), 'two;')
  client.write('three;four')
  client.end()
  await once(client.socket, 'end')
  t.equal(await client.read(';'), 'three;')
  t.equal(await client.readToEnd(), 'four')
  client.destroy()
  await client.closed
})

t.test('a connection that ends too early says what it got', async (t) => {
  const port = await serve(t, (socket) => socket.end('half'))
  await t.rejects(rawRequest(port, '', { until: 'whole' }), /ended; received "half"/)
})

t.test('a connection that stays silent says so', async (t) => {
  const port = await serve(t, (socket) => void socket.write('half'))
  const request = rawRequest(port, '', { until: 'whole', timeoutMs: 50 })
  await t.rejects(request, /nothing more in 50 ms; received/)
})

t.test('a connection that is reset ends what is read to the end', async (t) => {
  const port = await serve(t, (socket) => socket.once('data', () => socket.resetAndDestroy()))
  const client = openRaw(port)
  client.write('x')
  t.equal(await client.readToEnd(), '')
  await client.closed
})

t.test('a refused connection rejects with its cause', async (t) => {
  await t.rejects(rawRequest(1, 'x', { until: 'y' }), { cause: { code: 'ECONNREFUSED' } })
})
