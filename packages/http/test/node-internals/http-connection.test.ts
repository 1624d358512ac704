import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'tap'
import { dropRequests, holdRequests, readsRequests, releaseRequests } from '../../src/index.ts'
import { GET, serve } from './serve.ts'

test('requests are read from a connection until CONNECT takes it', async (t) => {
  const { server, client, exchange } = await serve(t)
  client.write(GET)
  const [{ socket }, response] = await exchange(0)
  // It is nobody's after CONNECT.
  socket.on('error', () => undefined)
  t.equal(readsRequests(socket), true)
  response.end()
  client.write('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')
  await once(server, 'connect')
  t.equal(readsRequests(socket), false)
})

test('reading the body of a request does not resume a connection that is held', async (t) => {
  const { client, exchange } = await serve(t)
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n1')
  const [request] = await exchange(0)
  const { socket } = request
  holdRequests(socket)
  request.resume()
  // A stream is resumed in the next tick.
  await turn()
  t.equal(socket.isPaused(), true)
  client.write('2')
  releaseRequests(socket)
  await once(request, 'end')
  t.equal(socket.isPaused(), false)
})

test('dropped requests of a connection are not handled, even if they have been read', async (t) => {
  const { server, client, exchange, exchanges } = await serve(t)
  server.on('request', ({ socket }) => dropRequests(socket))
  client.write(GET + GET + GET)
  await exchange(0)
  // All that came with the first one is parsed within the same turn.
  await turn()
  t.equal(exchanges.length, 1)
})
