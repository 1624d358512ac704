import { createServer } from 'node:http'
import { waitFor } from '@reliw/testing'
import { test } from 'tap'
import { dribble, listen, open } from './slow-server.ts'

test('hundreds of heads that never end are cut off, and delay no other client', async (t) => {
  const options = { headersTimeout: 1500, requestTimeout: 0, connectionsCheckingInterval: 50 }
  const server = createServer(options, (_request, response) => response.end('served'))
  const port = await listen(t, server)
  const clients = { gone: 0 }
  let served = 0
  for (let at = 0; at < 200; at += 1) {
    const client = open(t, port)
    client.write('GET / HTTP/1.1\r\nHost: a.test\r\nX-Slow: ')
    dribble(client, 'x', 250)
    void client.closed.then(() => (clients.gone += 1))
  }
  const normal = open(t, port)
  while (clients.gone < 200) {
    normal.write('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')
    await normal.read('served')
    served += 1
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  t.ok(served > 1, 'one client was served all the time')
  await waitFor(
    async () =>
      (await new Promise<number>((resolve) => server.getConnections((_e, n) => resolve(n)))) === 1,
    'only its connection to be left'
  )
})
