import { respond, startOrigin, waitFor, type Answer, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { ask, parseAnswer, writeRequest } from './answer.ts'
import { matchRefusal, matchRest, openClient, startProxy } from './app.ts'

const HOST = 'shop.test'
const LARGE = 100_000
const refuse: Answer = (_request, socket) => {
  socket.write('HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno')
}
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

/** The head of an upload whose client waits to be asked for the body. */
function expecting(length: number, connection: 'close' | 'keep-alive' = 'keep-alive'): string {
  const headers = ['Expect: 100-continue', `Content-Length: ${length}`]
  return writeRequest({ host: HOST, method: 'PUT', headers }, connection)
}

async function startWith(t: TestContext, answer: Answer, settings = {}) {
  const origin = await startOrigin(t, answer)
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, ...settings } })
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
] as const satisfies [string, Answer][]) {
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
