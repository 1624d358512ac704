import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { openRaw, portOf } from '@reliw/testing'
import { test } from 'tap'
import { afterAnswers, currentResponse } from '../../src/index.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const UPLOAD = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n'

type Exchange = [request: IncomingMessage, response: ServerResponse]

test('the current response of a connection is the one whose turn it is, and none between two requests', async (t) => {
  const exchanges: Exchange[] = []
  const server = createServer((...exchange) => void exchanges.push(exchange)).listen(0)
  await once(server, 'listening')
  const client = openRaw(portOf(server))
  t.teardown(() => {
    client.destroy()
    server.close()
  })

  client.write(GET + GET)
  while (exchanges.length < 2) await once(server, 'request')
  const [[{ socket }, first], [, second]] = exchanges as [Exchange, Exchange]
  t.equal(currentResponse(socket), first)
  first.end('1')
  await once(first, 'finish')
  t.equal(currentResponse(socket), second)
  second.end('2')
  await once(second, 'finish')
  t.equal(currentResponse(socket), undefined)
  client.write(GET)
  await once(server, 'request')
  t.equal(currentResponse(socket), exchanges[2]?.[1])
})

test('a connection has its complete requests answered, and the incomplete one is told', async (t) => {
  const exchanges: Exchange[] = []
  const server = createServer((...exchange) => void exchanges.push(exchange)).listen(0)
  await once(server, 'listening')
  const client = openRaw(portOf(server))
  t.teardown(() => {
    client.destroy()
    server.close()
  })

  client.write(GET + GET + UPLOAD)
  while (exchanges.length < 3) await once(server, 'request')
  const [[{ socket }, first], [, second], [, third]] = exchanges as [Exchange, Exchange, Exchange]
  const order: unknown[] = []
  afterAnswers(socket, (incomplete) => order.push(incomplete))
  second.once('finish', () => order.push('second answered'))
  second.end('2')
  first.end('1')
  await once(second, 'finish')
  t.equal(order.length, 2)
  t.equal(order[0], 'second answered')
  t.equal(order[1], third)
})
