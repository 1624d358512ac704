import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { portOf, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { matchRest, startProxy, type Proxy } from './app.ts'
import { listen } from './connect-to.ts'
import { drink, LENGTH, Pouring, stopped } from './large-body.ts'

const HOST = 'shop.test'
const FRAMINGS = { 'with a length': { 'content-length': LENGTH }, 'in chunks': {} }

async function startLarge(
  t: TestContext,
  serve: (request: IncomingMessage, response: ServerResponse) => void
): Promise<Proxy> {
  const origin = createServer(serve)
  await listen(t, origin)
  const target = `127.0.0.1:${portOf(origin)}`
  return startProxy(t, { [HOST]: { target, max_body_size: LENGTH, retry: false } })
}

for (const [framing, headers] of Object.entries(FRAMINGS)) {
  test(`a client that does not read stops its origin: 100 MiB ${framing}`, async (t) => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<Pouring>()
    const proxy = await startLarge(t, (_request, response) => {
      response.writeHead(200, headers)
      begin(new Pouring(response))
    })
    const sending = request({ port: proxy.port, headers: { host: HOST }, agent: false }).end()
    const [response] = (await once(sending, 'response')) as [IncomingMessage]
    const body = await begun
    t.ok((await stopped(() => body.sent)) < LENGTH)
    t.equal(await drink(response), await body.hash, 'all of it comes, unchanged')
    await matchRest(t, proxy)
  })

  test(`an origin that does not read stops its client: 100 MiB ${framing}`, async (t) => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<IncomingMessage>()
    const proxy = await startLarge(t, (received, response) => {
      received.once('end', () => response.end())
      arrive(received)
    })
    const options = { port: proxy.port, method: 'POST', agent: false }
    const sending = request({ ...options, headers: { host: HOST, ...headers } })
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>
    const body = new Pouring(sending)
    const received = await arrived
    t.ok((await stopped(() => body.sent)) < LENGTH)
    t.equal(await drink(received), await body.hash, 'all of it comes, unchanged')
    const [response] = await answered
    t.equal(response.statusCode, 200)
    response.resume()
    await matchRest(t, proxy)
  })
}
