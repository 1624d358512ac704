import { once } from 'node:events'
import { createSecureServer } from 'node:http2'
import {
  createCertificate,
  portOf,
  respond,
  startOrigin,
  waitFor,
  type Responder,
  type TestContext
} from '@reliw/testing'
import type { FastifyRequest } from 'fastify'
import { test } from 'tap'
import { ask, parseAnswer, writeRequest } from './answer.ts'
import { matchRefusal, matchRest, openClient, startProxy } from './app.ts'

const HOST = 'shop.test'
const LARGE = 100_000
const refuse: Responder = (_request, socket) => {
  socket.write('HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno')
}
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

/** The head of an upload whose client waits to be asked for the body. */
function expecting(length: number, connection: 'close' | 'keep-alive' = 'keep-alive'): string {
  const headers = ['Expect: 100-continue', `Content-Length: ${length}`]
  return writeRequest({ host: HOST, method: 'PUT', headers }, connection)
}

const known = ({ headers }: FastifyRequest) => ({
  clientIp: String(headers['x-client'] ?? '192.0.2.1')
})

async function startWith(t: TestContext, answer: Responder, settings = {}) {
  const origin = await startOrigin(t, answer)
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, ...settings } }, { known })
  return { origin, proxy, client: openClient(t, proxy) }
}

test('a body that is too large is refused before its client is asked for it', async (t) => {
  const { origin, proxy, client } = await startWith(t, respond('never'), { max_body_size: 10 })
  client.write(expecting(11))
  const answer = parseAnswer(await client.readToEnd())
  matchRefusal(t, answer, 413, origin)
  t.same(answer.informations, [])
  await matchRest(t, proxy, origin)
})

test('a client is asked for its body when that is read', async (t) => {
  const { origin, proxy, client } = await startWith(t, respond('done'))
  client.write(expecting(4, 'close'))
  await client.read(CONTINUE)
  client.write('body')
  t.match(parseAnswer(await client.readToEnd()), { status: 200, body: 'done', informations: [] })
  t.equal(origin.requests[0]?.header('expect'), undefined)
  await matchRest(t, proxy, origin)
})

test('a client that does not wait is not asked', async (t) => {
  const { origin, proxy, client } = await startWith(t, respond('done'))
  client.write(`${expecting(4, 'close')}body`)
  t.match(parseAnswer(await client.readToEnd()), { status: 200, informations: [] })
  await matchRest(t, proxy, origin)
})

test('an origin may refuse a large body before it is sent', async (t) => {
  const { origin, proxy, client } = await startWith(t, refuse)
  client.write(expecting(LARGE))
  const answer = parseAnswer(await client.readToEnd())
  t.match(answer, { status: 403, body: 'no', informations: [], isWhole: true })
  t.match(answer.head, /^connection: close$/im)
  t.equal(origin.requests[0]?.header('expect'), '100-continue')
  t.equal(origin.requests[0]?.bodyLength, 0)
  await matchRest(t, proxy, origin)
})

for (const [how, answer] of [
  [
    'asks for it',
    async (request, socket) => {
      socket.write(CONTINUE)
      await respond('done')(request, socket)
    }
  ],
  ['says nothing', respond('done')]
] as const satisfies [string, Responder][]) {
  test(`a large body is sent to an origin that ${how}`, async (t) => {
    const { origin, proxy, client } = await startWith(t, answer)
    client.write(expecting(LARGE, 'close'))
    await client.read(CONTINUE)
    client.write('x'.repeat(LARGE))
    t.match(parseAnswer(await client.readToEnd()), { status: 200, body: 'done', informations: [] })
    t.equal((await origin.requests[0]?.body)?.length, LARGE)
    await matchRest(t, proxy, origin)
  })
}

test('a large body that comes with its head is not announced', async (t) => {
  const { origin, proxy, client } = await startWith(t, respond('done'))
  client.write(expecting(LARGE, 'close') + 'x'.repeat(LARGE))
  t.match(parseAnswer(await client.readToEnd()), { status: 200, informations: [] })
  t.equal(origin.requests[0]?.header('expect'), undefined)
  t.equal((await origin.requests[0]?.body)?.length, LARGE)
  await matchRest(t, proxy, origin)
})

test('a large body that comes unasked is sent to an origin that says nothing, without a wait', async (t) => {
  const { origin, proxy, client } = await startWith(t, respond('done'))
  client.write(expecting(LARGE))
  await waitFor(() => origin.requests.length === 1, 'the one that waits')
  let isAsked = false
  const asked = client.read(CONTINUE).finally(() => {
    isAsked = true
  })
  const other = openClient(t, proxy)
  other.write(expecting(LARGE, 'close'))
  await waitFor(() => origin.requests.length === 2, 'the other one')
  other.write('x'.repeat(LARGE))
  t.match(parseAnswer(await other.readToEnd()), { status: 200, informations: [] })
  t.equal(isAsked, false, 'the origin has had no time to ask')
  await asked
  client.destroy()
  await matchRest(t, proxy, origin)
})

test('announced bodies of which nothing comes take no share of uploads, and few connections', async (t) => {
  const { origin, proxy, client } = await startWith(t, respond('done'), { connections: 3 })
  client.write(expecting(LARGE))
  await waitFor(() => origin.requests.length === 1, 'the one that is announced')
  const held = openClient(t, proxy)
  held.write(expecting(LARGE, 'close'))
  await held.read(CONTINUE)
  t.equal(origin.requests.length, 1, 'it is asked for here, and takes no connection')
  const uploads = ['198.51.100.1', '198.51.100.2'].map((address) => {
    const upload = openClient(t, proxy)
    const headers = [`Content-Length: ${LARGE}`, `X-Client: ${address}`]
    upload.write(writeRequest({ host: HOST, method: 'PUT', headers }) + 'x'.repeat(LARGE - 1))
    return upload
  })
  await waitFor(() => origin.requests.length === 3, 'as many uploads as there may be')
  for (const upload of uploads) upload.write('x')
  for (const upload of uploads) t.match(parseAnswer(await upload.readToEnd()), { status: 200 })
  held.write('x'.repeat(LARGE))
  t.match(parseAnswer(await held.readToEnd()), { status: 200 })
  t.equal(origin.requests.at(-1)?.header('expect'), undefined)
  client.destroy()
  await matchRest(t, proxy, origin)
})

test('a client that has its part of the uploads has no more bodies announced', async (t) => {
  const { origin, proxy, client } = await startWith(t, respond('done'), { connections: 3 })
  const headers = [`Content-Length: ${LARGE}`]
  client.write(writeRequest({ host: HOST, method: 'PUT', headers }) + 'x'.repeat(LARGE - 1))
  await waitFor(() => origin.requests.length === 1, 'its upload')
  const other = openClient(t, proxy)
  other.write(expecting(LARGE))
  await other.read(CONTINUE)
  t.equal(origin.requests.length, 1)
  for (const one of [client, other]) one.destroy()
  await matchRest(t, proxy, origin)
})

test('a client that sends nothing when it is asked gives its connection back', async (t) => {
  const { origin, proxy, client } = await startWith(t, respond('never'))
  client.write(expecting(LARGE))
  await client.read(CONTINUE)
  matchRefusal(t, parseAnswer(await client.readToEnd()), 408, origin)
  await waitFor(() => origin.connections === 0, 'the end of the connection')
  await matchRest(t, proxy, origin)
})

test('an HTTP/2 origin is not asked, and gets a large body when its beginning is here', async (t) => {
  let streams = 0
  const server = createSecureServer(await createCertificate(['localhost']))
  server.on('stream', (stream, { expect }) => {
    streams += 1
    t.equal(expect, undefined)
    stream.respond({ ':status': 200 })
    stream.resume().once('end', () => stream.end('done'))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const upstream = { target: `https://127.0.0.1:${portOf(server)}`, tls_no_verify: true }
  const proxy = await startProxy(t, { [HOST]: upstream })
  t.equal((await ask(proxy.port, { host: HOST })).body, 'done')
  const client = openClient(t, proxy)
  client.write(expecting(LARGE, 'close'))
  await client.read(CONTINUE)
  t.equal((await ask(proxy.port, { host: HOST })).body, 'done')
  t.equal(streams, 2)
  client.write('x'.repeat(LARGE))
  t.match(parseAnswer(await client.readToEnd()), { status: 200, body: 'done' })
  await matchRest(t, proxy)
})

test('an origin that fails before it has said anything may be asked again', async (t) => {
  let times = 0
  const { origin, proxy, client } = await startWith(t, async (request, socket) => {
    times += 1
    if (times === 1) {
      socket.resetAndDestroy()
    } else {
      socket.write(CONTINUE)
      await respond('done')(request, socket)
    }
  })
  client.write(expecting(LARGE, 'close'))
  await client.read(CONTINUE)
  client.write('x'.repeat(LARGE))
  t.match(parseAnswer(await client.readToEnd()), { status: 200, body: 'done' })
  await matchRest(t, proxy, origin)
})

test('behind others of its connection a client is asked in its turn', async (t) => {
  const { promise, resolve: release } = Promise.withResolvers<void>()
  const { origin, proxy, client } = await startWith(t, async (request, socket) => {
    if (request.target === '/first') await promise
    await respond(request.target)(request, socket)
  })
  client.write(writeRequest({ host: HOST, path: '/first' }, 'keep-alive') + expecting(4, 'close'))
  await waitFor(() => origin.requests.length === 1, 'the first one')
  release()
  t.match(await client.read(CONTINUE), /^HTTP\/1.1 200 [^]*\r\n\r\n\/firstHTTP\/1.1 100 /)
  client.write('body')
  t.match(parseAnswer(await client.readToEnd()), { status: 200, body: '/', isWhole: true })
  await matchRest(t, proxy, origin)
})

for (const expectation of ['200-ok', '100-continue, x', 'x="100-continue"']) {
  test(`nobody here can meet this expectation: ${expectation}`, async (t) => {
    const origin = await startOrigin(t, respond('never'))
    const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
    const headers = [`Expect: ${expectation}`]
    const answer = await ask(proxy.port, { host: HOST, method: 'POST', headers, body: 'body' })
    matchRefusal(t, answer, 417, origin)
    t.same(answer.informations, [])
    const own = await ask(proxy.port, { host: 'nobody.test', headers })
    t.equal(own.status, 417, 'what is not forwarded, too')
    t.equal(origin.requests.length, 0)
    await matchRest(t, proxy, origin)
  })
}
