import { once } from 'node:events'
import { test } from 'tap'
import { afterResponses, currentResponse } from '../../src/index.ts'
import { GET, serve } from './serve.ts'

const UPLOAD = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n'

test('the current response of a connection is the one whose turn it is, and none between two requests', async (t) => {
  const { client, exchange } = await serve(t)
  client.write(GET + GET)
  const [{ socket }, first] = await exchange(0)
  const [, second] = await exchange(1)
  t.equal(currentResponse(socket), first)
  first.end('1')
  await once(first, 'finish')
  t.equal(currentResponse(socket), second)
  second.end('2')
  await once(second, 'finish')
  t.equal(currentResponse(socket), undefined)
  client.write(GET)
  const [, third] = await exchange(2)
  t.equal(currentResponse(socket), third)
})

test('the callback comes after the responses to complete requests, with the response to the incomplete one', async (t) => {
  const { client, exchange } = await serve(t)
  client.write(GET + GET + UPLOAD)
  const [{ socket }, first] = await exchange(0)
  const [, second] = await exchange(1)
  const [, third] = await exchange(2)
  const order: unknown[] = []
  second.once('finish', () => order.push('second sent'))
  afterResponses(socket, (incomplete) => order.push(incomplete))
  second.end('2')
  first.end('1')
  await once(second, 'finish')
  t.equal(order.length, 2)
  t.equal(order[0], 'second sent')
  t.equal(order[1], third)
})
