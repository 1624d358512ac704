import { once } from 'node:events'
import { openRaw, respond, startOrigin } from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

const SIZE = 8_000_000

for (const [what, framing, body] of [
  ['its length is said', `Content-Length: ${SIZE}`, Buffer.alloc(SIZE)],
  [
    'its length is not said',
    'Transfer-Encoding: chunked',
    Buffer.concat([
      Buffer.from(`${SIZE.toString(16)}\r\n`),
      Buffer.alloc(SIZE),
      Buffer.from('\r\n0\r\n\r\n')
    ])
  ]
] as const) {
  test(`a client that reads only after it has sent too much gets its 413: ${what}`, async (t) => {
    const origin = await startOrigin(t, respond('never'))
    const values = { 'PROXY:a.example': { target: origin.url } }
    const { port, line } = await startServer(t, values, { max_body_size: 100_000 })
    const client = openRaw(port)
    t.teardown(() => client.destroy())
    await once(client.socket, 'connect')
    client.socket.pause()
    client.write(`POST / HTTP/1.1\r\nHost: a.example\r\n${framing}\r\n\r\n`)
    client.write(body)
    await once(client.socket, 'drain')
    client.socket.resume()
    const response = await client.readToEnd()
    t.match(response, /^HTTP\/1\.1 413 [^]*\r\nconnection: close\r\n/i)
    t.match(response, /<\/html>\n$/)
    t.match(await line({ status: 413 }), { aborted: undefined })
  })
}
