import type { Socket } from 'node:net'
import { openRaw, type RawClient, startOrigin, waitFor, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { type Server, startServer } from './start-server.ts'

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n'

interface Setup extends Server {
  client: RawClient
  /** The origin's end; the head of the response is out. */
  stream: Socket
}

/** A client that listens to the events of an origin, which sends them in this framing. */
async function listen(t: TestContext, framing: 'chunked' | 'until it closes'): Promise<Setup> {
  const { promise, resolve } = Promise.withResolvers<Socket>()
  const origin = await startOrigin(t, (_request, socket) => {
    socket.write(
      framing === 'chunked' ? `${HEAD}Transfer-Encoding: chunked\r\n\r\n` : `${HEAD}\r\n`
    )
    resolve(socket)
  })
  const server = await startServer(t, { 'PROXY:a.example': { target: origin.url } })
  const client = openRaw(server.port)
  t.teardown(() => client.destroy())
  client.write('GET /events HTTP/1.1\r\nHost: a.example\r\nAccept: text/event-stream\r\n\r\n')
  return { ...server, client, stream: await promise }
}

for (const framing of ['chunked', 'until it closes'] as const) {
  test(`events arrive one by one, as the origin sends them: ${framing}`, async (t) => {
    const { client, stream, line } = await listen(t, framing)
    const head = await client.read('\r\n\r\n')
    t.match(head, /^HTTP\/1\.1 200 /)
    t.match(head, 'text/event-stream')
    t.notMatch(head, /content-(encoding|length)/i)
    for (const event of ['data: 1\n\n', ': a comment\n\n', 'data: 3\n\n']) {
      stream.write(framing === 'chunked' ? `${event.length.toString(16)}\r\n${event}\r\n` : event)
      t.match(await client.read(event), event)
    }
    stream.end(framing === 'chunked' ? '0\r\n\r\n' : '')
    await client.read('0\r\n\r\n')
    t.match(await line({ path: '/events' }), { status: 200, aborted: undefined })
  })
}

test("a client that disconnects ends the origin's connection", async (t) => {
  for (const leave of ['destroy', 'end', 'resetAndDestroy'] as const) {
    const { client, stream, app, line } = await listen(t, 'chunked')
    await client.read('\r\n\r\n')
    const closed = new Promise((resolve) => void stream.once('close', resolve))
    client.socket[leave]()
    await closed
    await waitFor(() => app.upstreams()[0]?.origins[0]?.inFlight === 0, 'the end')
    t.match(await line({ path: '/events' }), { status: 200, aborted: true }, leave)
  }
})

test('an aborted stream of an origin is aborted for the client', async (t) => {
  const { client, stream, line } = await listen(t, 'chunked')
  stream.write('8\r\ndata: 1\n')
  await client.read('data: 1\n\r\n')
  stream.resetAndDestroy()
  t.equal(await client.readToEnd(), '', 'no last chunk')
  t.match(await line({ path: '/events' }), { status: 200, aborted: true })
})
