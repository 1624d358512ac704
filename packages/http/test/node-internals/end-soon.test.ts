import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { openRaw, portOf, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { endSoonAfterLast } from '../../src/index.ts'

const UPLOAD = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n'

test('data sent after the last response is still read, so that the connection is not reset', async (t) => {
  const server = createServer(({ socket }, response) => {
    endSoonAfterLast(socket)
    response.writeHead(413, { connection: 'close' }).end('whole')
  }).listen(0)
  await once(server, 'listening')
  const client = openRaw(portOf(server))
  t.teardown(() => {
    client.destroy()
    server.close()
  })

  client.write(UPLOAD)
  const [{ socket }] = (await once(server, 'request')) as [IncomingMessage]
  t.match(await client.readToEnd(), /^HTTP\/1\.1 413 [^]*whole/)
  client.write('more')
  const sent = UPLOAD.length + 'more'.length
  await waitFor(() => socket.destroyed || socket.bytesRead === sent, 'the bytes to be read')
  t.equal(socket.bytesRead, sent)
  await once(socket, 'close')
})
