import { once } from 'node:events'
import { createSecureServer, type ServerHttp2Stream } from 'node:http2'
import { createCertificate, portOf, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { writeRequest } from './answer.ts'
import { openClient, startProxy } from './app.ts'

const HOST = 'shop.test'

test('an app with HTTP/2 sessions closes: an idle one at once, a busy one after its stream', async (t) => {
  const streams: ServerHttp2Stream[] = []
  const server = createSecureServer(await createCertificate(['localhost']))
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200 })
    if (streams.push(stream) === 1) stream.end('hi')
    else stream.write('begun')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const target = `https://127.0.0.1:${portOf(server)}`
  for (const requests of [1, 2]) {
    streams.length = 0
    const proxy = await startProxy(t, { [HOST]: { target, tls_no_verify: true } }, {}, 'idle')
    const clients = Array.from({ length: requests }, () => openClient(t, proxy))
    for (const [at, client] of clients.entries()) {
      client.write(writeRequest({ host: HOST }))
      await client.read(at === 0 ? 'hi' : 'begun')
    }
    const closed = proxy.app.close()
    if (requests === 2) {
      await waitFor(() => !proxy.app.server.listening, 'the end of listening')
      streams[1]?.end('whole')
      t.match(await clients[1]?.readToEnd(), /whole/)
    }
    await t.resolves(closed)
  }
})
