import { once } from 'node:events'
import { openRaw, type Origin, startOrigin, type TestContext, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { ask } from './cli/serving.ts'
import { type Server, startServer } from './start-server.ts'
import { exchange, newWebSocket, openWebSocket, startEcho } from './websockets.ts'

interface Setup extends Server {
  /** Sends no response by itself. */
  silent: Origin
  /** Waits until so many requests are in flight. */
  isTotal: (total: number) => Promise<void>
}

/** A server that takes two requests at once, with a silent upstream at /silent and WebSockets at /echo. */
async function start(t: TestContext): Promise<Setup> {
  const silent = await startOrigin(t, () => undefined)
  const echo = await startEcho(t)
  const methods = { GET: true }
  const server = await startServer(
    t,
    {
      'API:a.example': [
        ['^/silent', 'silent'],
        ['^/echo', 'echo'],
        ['^/', 'page']
      ],
      'API:a.example:silent': { methods, proxy: { target: silent.url } },
      'API:a.example:echo': { methods, proxy: { target: echo.target } },
      'API:a.example:page': { methods },
      'FILES:a.example:/page.txt': { content: 'a page' }
    },
    { max_concurrent_requests: 2 }
  )
  const { concurrency } = server.app.limits
  return {
    ...server,
    silent,
    async isTotal(total) {
      await waitFor(() => concurrency.total === total, `${total} in flight`)
    }
  }
}

const SILENT = 'GET /silent HTTP/1.1\r\nHost: a.example\r\n\r\n'

test('a request counts as concurrent while it waits for an upstream', async (t) => {
  const { port, silent, isTotal } = await start(t)
  const clients = [openRaw(port), openRaw(port)]
  for (const client of clients) {
    t.teardown(() => client.destroy())
    client.write(SILENT)
  }
  await isTotal(2)
  const refused = await ask(port, '/page.txt')
  t.match(refused, { status: 503, headers: { 'retry-after': '5' } })
  t.match(refused.text, 'Request id')
  await waitFor(() => silent.requests.length === 2, 'the requests')
  await silent.stop()
  for (const client of clients) await client.read('502 Bad Gateway')
  await isTotal(0)
  t.equal((await ask(port, '/page.txt')).status, 200)
})

test('requests of clients that disconnect no longer count', async (t) => {
  const { port, isTotal } = await start(t)
  for (let n = 0; n < 3; n++) {
    const client = openRaw(port)
    client.write(SILENT.repeat(2))
    // The second one has no place before its turn.
    await isTotal(1)
    client.socket.resetAndDestroy()
    await isTotal(0)
  }
})

test('a WebSocket counts while it is open, whichever side ends it', async (t) => {
  const { port, isTotal } = await start(t)
  for (const end of ['close', 'terminate'] as const) {
    const sockets = [
      await openWebSocket(t, port, { path: '/echo' }),
      await openWebSocket(t, port, { path: '/echo' })
    ]
    await isTotal(2)
    const third = newWebSocket(t, port, { path: '/echo' })
    const [, refusal] = await once(third, 'unexpected-response')
    t.equal(refusal.statusCode, 503)
    third.on('error', () => undefined).terminate()
    for (const socket of sockets) {
      t.equal(String((await exchange(socket, 'hello')).data), 'hello')
      socket[end]()
    }
    await isTotal(0)
  }
})

test('a refused or unanswered upgrade no longer counts', async (t) => {
  const { port, silent, isTotal } = await start(t)
  for (const path of ['/silent', '/page.txt', '/missing']) {
    const socket = newWebSocket(t, port, { path })
    const failed = once(socket, 'error')
    if (path === '/silent') {
      await isTotal(1)
      await waitFor(() => silent.requests.length > 0, 'the request')
      socket.terminate()
    }
    await failed
    await isTotal(0)
  }
})
