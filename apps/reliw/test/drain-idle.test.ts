import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { openRaw, portOf } from '@reliw/testing'
import { test } from 'tap'
import { drain } from '../src/listeners/drain.ts'

/** Puts a list of connections in the place of node's own. */
function replaceList(server: Server, list: object): void {
  const key = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === 'http.server.connections'
  )
  if (key === undefined) throw new Error('node has no list')
  const known = Reflect.get(server, key) as object
  // What closes them goes on with the list that node made.
  server.closeIdleConnections = () => {
    Reflect.set(server, key, known)
    createServer().closeIdleConnections.call(server)
  }
  Reflect.set(server, key, list)
}

for (const [name, list] of [
  ['is another one', { all: () => [] }],
  [
    'throws',
    {
      all: () => [],
      idle() {
        throw new Error('thrown on purpose')
      }
    }
  ]
] as const) {
  test(`idle connections are closed where the list of them ${name}`, async (t) => {
    const server = createServer((_request, response) => response.end('served'))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    t.teardown(() => server.closeAllConnections())
    const client = openRaw(portOf(server))
    t.teardown(() => client.destroy())
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.read('served')
    replaceList(server, list)
    client.socket.once('end', () => client.end())
    await drain([server])
    t.equal(await client.readToEnd(), '')
  })
}
