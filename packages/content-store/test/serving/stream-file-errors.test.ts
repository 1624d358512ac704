import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { openRaw, portOf, tempDir } from '@reliw/testing'
import { test } from 'tap'
import { streamFile } from '../../src/serving/stream-file.ts'

test('what writing a piece throws breaks its answer alone', async (t) => {
  const path = join(tempDir(t), 'file')
  writeFileSync(path, 'x'.repeat(1000))
  const file = await open(path)
  t.teardown(() => file.close())
  const settled = Promise.withResolvers<void>()
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': 1000 })
    const write = response.write.bind(response) as (...values: unknown[]) => boolean
    let writes = 0
    Object.assign(response, {
      write(...values: unknown[]) {
        if (++writes === 2) throw new Error('thrown on purpose')
        return write(...values)
      }
    })
    const all = [{ start: 0, end: 999 }]
    settled.resolve(streamFile(file.fd, all, Buffer.alloc(100), '', response))
  })
  t.teardown(() => server.close().closeAllConnections())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = openRaw(portOf(server))
  t.teardown(() => client.destroy())
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  t.match(await client.readToEnd(), /\r\n\r\nx{100}$/)
  await settled.promise
})
