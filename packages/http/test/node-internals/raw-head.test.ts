import { test } from 'tap'
import { headerNames, writeInterimHead, writeListedHead } from '../../src/index.ts'
import { GET, serve } from './serve.ts'

test('header names are returned as they were written', async (t) => {
  const { client, exchange } = await serve(t)
  client.write(GET)
  const [, response] = await exchange(0)
  response.setHeader('X-Own', '1')
  t.same(headerNames(response), ['X-Own'])
})

test('a listed head has its headers unchanged and in order, after those of the response', async (t) => {
  const { client, exchange } = await serve(t)
  client.write(GET)
  const [, response] = await exchange(0)
  response.sendDate = false
  response.setHeader('Zebra', '0')
  const cookies = ['Cookie', 'a=1', 'Cookie', 'b=2']
  const headers = ['B', '\xe9', ...cookies, 'A', '2', 'Expect', 'x', 'Content-Length', '2']
  writeListedHead(response, 200, ['Zebra', '0'], headers)
  response.end('\xff!', 'latin1')
  const head = ['Zebra: 0', 'B: \xe9', 'Cookie: a=1', 'Cookie: b=2', 'A: 2', 'Expect: x']
  t.ok(
    (await client.read('!')).startsWith(
      `HTTP/1.1 200 OK\r\n${head.join('\r\n')}\r\nContent-Length: 2\r\n`
    )
  )
  t.equal(response.writableEnded, true)
})

test('an interim response keeps its place in a pipeline, and its bytes', async (t) => {
  const { client, exchange } = await serve(t)
  client.write(GET + GET)
  const [, first] = await exchange(0)
  const [, second] = await exchange(1)
  writeInterimHead(second, 'HTTP/1.1 103 Early Hints\r\nX-Any: \xe9\r\n\r\n')
  second.end('two')
  first.end('one')
  t.match(
    await client.read('two'),
    /oneHTTP\/1\.1 103 Early Hints\r\nX-Any: \xe9\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*two$/
  )
})
