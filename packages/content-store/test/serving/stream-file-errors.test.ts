import { writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { beginResponse, useFacts } from '@reliw/http'
import { openRaw, portOf, tempDir } from '@reliw/testing'
import Fastify from 'fastify'
import { test } from 'tap'
import { streamFile } from '../../src/serving/stream-file.ts'

test('an error in writing a piece breaks only its own response', async (t) => {
  const path = join(tempDir(t), 'file')
  writeFileSync(path, 'x'.repeat(1000))
  const file = await open(path)
  t.teardown(() => file.close())
  const settled = Promise.withResolvers<void>()
  const app = Fastify()
  t.teardown(() => app.close())
  useFacts(app)
  app.get('/', (_request, reply) => {
    beginResponse(reply, 200, ['content-length', '1000'])
    const { raw } = reply
    const write = raw.write.bind(raw) as (...values: unknown[]) => boolean
    let writes = 0
    Object.assign(raw, {
      write(...values: unknown[]) {
        if (++writes === 2) throw new Error('thrown on purpose')
        return write(...values)
      }
    })
    const all = [{ start: 0, end: 999 }]
    settled.resolve(streamFile(file.fd, all, Buffer.alloc(100), '', reply))
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const client = openRaw(portOf(app.server))
  t.teardown(() => client.destroy())
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  t.match(await client.readToEnd(), /\r\n\r\nx{100}$/)
  await settled.promise
})
