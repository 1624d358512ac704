import { respond, startOrigin, waitFor } from '@reliw/testing'
import type { FastifyReply } from 'fastify'
import { test } from 'tap'
import { parseAnswer } from './answer.ts'
import { matchRest, openClient, startProxy } from './app.ts'

const HOST = 'shop.test'

test('a client that goes on sending after an upgrade that it does not get has its whole response', async (t) => {
  // More than a client's system takes that does not read.
  const body = 'x'.repeat(1_000_000)
  const origin = await startOrigin(t, respond(body))
  const raws: FastifyReply['raw'][] = []
  const atResponse = (_request: unknown, { raw }: FastifyReply): void => void raws.push(raw)
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } }, { atResponse })
  const client = openClient(t, proxy)
  client.socket.pause()
  client.write(
    `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: upgrade\r\nUpgrade: TLS/1.0\r\n\r\nmore`
  )
  await waitFor(() => raws[0]?.writableFinished === true, 'the response to be with the system')
  client.write('and more')
  client.socket.resume()
  const answer = parseAnswer(await client.readToEnd())
  t.match(answer, { status: 200, isWhole: true })
  t.equal(answer.body.length, body.length)
  await matchRest(t, proxy, origin)
})
