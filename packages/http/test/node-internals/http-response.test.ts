import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { test } from 'tap'
import {
  awaitsTurn,
  closeAfter,
  isChunked,
  isLast,
  lastResponseOn,
  onTurn,
  serveResponses
} from '../../src/index.ts'
import { GET, serve } from './serve.ts'

test('a CONNECT gets an ordinary response, the last one of its connection', async (t) => {
  const { server, client } = await serve(t)
  client.write('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')
  const [request, socket] = (await once(server, 'connect')) as [IncomingMessage, Socket]
  const response = lastResponseOn(request, socket)
  response.writeHead(405, { 'content-length': 2 }).end('no')
  await once(response, 'finish')
  t.match(await client.read('no'), /^HTTP\/1\.1 405 [^]*\r\nConnection: close\r\n\r\nno$/)
})

test('a response to CONNECT emits drain when its connection takes more', async (t) => {
  const { server, client } = await serve(t)
  client.write('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')
  const [request, socket] = (await once(server, 'connect')) as [IncomingMessage, Socket]
  serveResponses(socket)
  const response = lastResponseOn(request, socket)
  t.equal(response.write(Buffer.alloc(1024 * 1024)), false)
  await once(response, 'drain')
  response.end('last')
  t.match(await client.read('last'), 'last')
})

test('a connection ends with a response without a header for it', async (t) => {
  const { client, exchange } = await serve(t)
  client.write(GET)
  const [, response] = await exchange(0)
  closeAfter(response)
  t.same(response.getHeaderNames(), [])
  response.end()
  t.match(await client.readToEnd(), '\r\nConnection: close\r\n')
})

test('the last response that a connection may have is known', async (t) => {
  const { server, client, exchange } = await serve(t)
  server.maxRequestsPerSocket = 2
  client.write(GET + GET)
  t.equal(isLast((await exchange(0))[1]), false)
  t.equal(isLast((await exchange(1))[1]), true)
})

test('a response behind another one waits until that is sent, and is notified of its turn', async (t) => {
  const { client, exchange } = await serve(t)
  client.write(GET + GET)
  const [, first] = await exchange(0)
  const [, second] = await exchange(1)
  t.equal(awaitsTurn(first), false)
  t.equal(awaitsTurn(second), true)
  const calls: string[] = []
  onTurn(second, () => calls.push('turn'))
  onTurn(second, () => calls.push('never'))()
  first.end()
  await once(first, 'finish')
  t.same(calls, ['turn'])
  t.equal(awaitsTurn(second), false)
})

test('a response without a length is chunked, to HTTP/1.1', async (t) => {
  const { client, exchange } = await serve(t)
  client.write(`${GET}${GET}GET / HTTP/1.0\r\n\r\n`)
  const heads = [{}, { 'content-length': 0 }, {}]
  const chunked = []
  for (const [at, head] of heads.entries()) {
    const [, response] = await exchange(at)
    chunked.push(isChunked(response.writeHead(200, head)))
    response.end()
  }
  t.same(chunked, [true, false, false])
})
