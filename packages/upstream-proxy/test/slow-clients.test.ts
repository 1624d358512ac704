import type { Socket } from 'node:net'
import type { UpstreamInput } from '@reliw/model'
import { respond, startOrigin, waitFor, type Responder, type Origin } from '@reliw/testing'
import { test, type Test } from 'tap'
import { parseAnswer, writeRequest } from './answer.ts'
import { matchRefusal, matchRest, openClient, startProxy, type Proxy } from './app.ts'

const HOST = 'shop.test'
const POST = { host: HOST, method: 'POST', headers: ['Transfer-Encoding: chunked'] }

/** Two origins, each of which a single failure takes out. */
async function startTwo(t: Test, answer: Responder): Promise<{ proxy: Proxy; origins: Origin[] }> {
  const origins = [await startOrigin(t, answer), await startOrigin(t, answer)]
  const upstream: UpstreamInput = {
    targets: origins.map(({ url }) => url),
    timeouts: { idle: 0.5 },
    health: { max_fails: 1 },
    retry: false
  }
  return { proxy: await startProxy(t, { [HOST]: upstream }), origins }
}

async function matchBlameless(t: Test, proxy: Proxy, origins: readonly Origin[]): Promise<void> {
  const state = proxy.app.upstreams().find(({ upstream }) => upstream === HOST)
  t.same(
    state?.origins.map(({ healthy }) => healthy),
    [true, true],
    'no origin is to blame'
  )
  t.equal(state?.circuit, 'closed')
  await matchRest(t, proxy, ...origins)
}

test('a client that stops in the middle of its body is told so', async (t) => {
  const { proxy, origins } = await startTwo(t, respond(''))
  const client = openClient(t, proxy)
  client.write(`${writeRequest(POST, 'keep-alive')}5\r\nbegun\r\n`)
  matchRefusal(t, parseAnswer(await client.readToEnd()), 408, origins[0] as Origin)
  await waitFor(() => origins[0]?.errors.length === 1, 'the end of its connection')
  await matchBlameless(t, proxy, origins)
})

test('a client that stops when its answer has begun is cut off', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
  const { proxy, origins } = await startTwo(t, (_request, socket) => void socket.write(head))
  const client = openClient(t, proxy)
  client.write(`${writeRequest(POST)}5\r\nbegun\r\n`)
  t.match(parseAnswer(await client.readToEnd()), { status: 200, isWhole: false })
  await waitFor(() => origins[0]?.errors.length === 1, 'the end of its connection')
  await matchBlameless(t, proxy, origins)
})

test('a client that does not read is cut off', async (t) => {
  const sockets: Socket[] = []
  const answer: Responder = (_request, socket) => {
    sockets.push(socket)
    const write = (): void => {
      while (socket.writable && socket.write(Buffer.alloc(65_536)));
    }
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    socket.on('drain', write)
    write()
  }
  const { proxy, origins } = await startTwo(t, answer)
  for (let clients = 0; clients < 2; clients += 1) {
    const client = openClient(t, proxy)
    client.write(writeRequest({ host: HOST }))
    await waitFor(() => sockets.length > clients, 'the request')
    client.socket.pause()
    await waitFor(() => sockets[clients]?.destroyed, 'the end of its answer')
    client.destroy()
  }
  await matchBlameless(t, proxy, origins)
})
