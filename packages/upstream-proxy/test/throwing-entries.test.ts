import { once } from 'node:events'
import { createSecureServer } from 'node:http2'
import {
  createCertificate,
  fail,
  portOf,
  respond,
  startOrigin,
  waitFor,
  type Responder
} from '@reliw/testing'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { test, type Test } from 'tap'
import { Deadlines } from '../src/deadlines.ts'
import { ask, writeRequest } from './answer.ts'
import { matchRest, openClient, startProxy, type Proxy, type ProxyOptions } from './app.ts'
import { failWhenSet, HOST, isOurs, ours } from './faults.ts'

/** Options that throw, for the requests that ask for it. */
const OPTIONS: Record<string, ProxyOptions> = {
  withhold: { withhold: (request) => (isOurs(request) ? fail() : undefined) },
  traceparent: { traceparent: (request) => (isOurs(request) ? fail() : undefined) },
  'the headers of the app': { atResponse: (request) => isOurs(request) && fail() }
}

const answer: Responder = async (request, socket) => {
  if (request.head.includes('pgrade: websocket')) {
    socket.write('HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
  } else await respond('well')(request, socket)
}

const refused = (request: FastifyRequest, reply: FastifyReply): void => {
  if (isOurs(request)) reply.header('X-A', 'a\nb')
}

const spoiling = (request: FastifyRequest, reply: FastifyReply): void => {
  if (isOurs(request)) failWhenSet(reply, 'bodySize')
}

async function matchAlive(
  t: Test,
  proxy: Proxy,
  ...origins: Parameters<typeof matchRest>[2][]
): Promise<void> {
  t.match(
    await ask(proxy.port, { host: HOST }),
    { status: 200, isWhole: true },
    'others are served'
  )
  await matchRest(t, proxy, ...origins)
}

for (const [what, options] of Object.entries(OPTIONS)) {
  for (const [kind, question] of Object.entries({
    'a request': ours,
    'a request with a body': { ...ours, method: 'POST', body: 'hi' },
    'a WebSocket': {
      ...ours,
      headers: [...ours.headers, 'Upgrade: websocket', 'Connection: Upgrade']
    }
  })) {
    test(`a function that throws ends its exchange alone: ${what}, ${kind}`, async (t) => {
      const origin = await startOrigin(t, answer)
      const proxy = await startProxy(t, { [HOST]: { target: origin.url, retry: false } }, options)
      const { status } = await ask(proxy.port, question)
      t.equal(status, 500)
      t.ok(proxy.log.length > 0, 'a line in the log')
      const [id] = proxy.requests.map((request) => request.id)
      t.ok(
        proxy.log.some((line) => JSON.stringify(line).includes(`"${id}"`)),
        'under its id'
      )
      await matchAlive(t, proxy, origin)
    })
  }
}

test('what throws for a request behind another is its end alone', async (t) => {
  const origin = await startOrigin(t, respond('well'))
  const options = OPTIONS['traceparent'] ?? {}
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } }, options)
  const client = openClient(t, proxy)
  client.write(writeRequest({ host: HOST }, 'keep-alive') + writeRequest(ours))
  const statuses = [...(await client.readToEnd()).matchAll(/HTTP\/1\.1 (\d+)/g)].map(
    ([, one]) => one
  )
  t.same(statuses, ['200', '500'])
  await matchAlive(t, proxy, origin)
})

test('headers that node refuses become an error page', async (t) => {
  const origin = await startOrigin(t, respond('well'))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } }, { atResponse: refused })
  t.match(await ask(proxy.port, ours), { status: 500 })
  t.match(proxy.log, [{ msg: 'forwarding failed', request_id: String, upstream: { name: HOST } }])
  await matchAlive(t, proxy, origin)
})

for (const upgrade of ['', ',', ' , ,', '\t']) {
  test(`an Upgrade that names nothing is none: ${JSON.stringify(upgrade)}`, async (t) => {
    const origin = await startOrigin(t, respond('well'))
    const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
    const headers = ['Connection: upgrade,', `Upgrade:${upgrade}`]
    const client = openClient(t, proxy)
    client.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n${headers.join('\r\n')}\r\n\r\n`)
    t.match(await client.read('well'), /^HTTP\/1\.1 200 /)
    client.destroy()
    t.notMatch(origin.requests[0]?.head, /upgrade/i)
    await matchAlive(t, proxy, origin)
  })
}

test('what throws at a piece of a body ends its exchange alone', async (t) => {
  const origin = await startOrigin(t, respond('well'))
  const options: ProxyOptions = {
    traceparent: (request) => {
      if (isOurs(request)) failWhenSet(request, 'bodySize')
      return undefined
    }
  }
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } }, options)
  t.match(await ask(proxy.port, { ...ours, method: 'POST', body: 'hi' }), { status: 500 })
  t.match(proxy.log[0], { msg: 'forwarding failed', request_id: String })
  await matchAlive(t, proxy, origin)
})

test('what throws at a piece of an answer breaks it off', async (t) => {
  const origin = await startOrigin(t, respond('well'))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } }, { atResponse: spoiling })
  t.match(await ask(proxy.port, ours), { isWhole: false })
  t.match(proxy.log[0], { msg: 'forwarding failed', request_id: String })
  await matchAlive(t, proxy, origin)
})

test('what throws at an answer by HTTP/2 ends its exchange alone', async (t) => {
  const server = createSecureServer(await createCertificate(['localhost']))
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200 })
    stream.end('well')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const target = `https://127.0.0.1:${portOf(server)}`
  const options = OPTIONS['the headers of the app'] ?? {}
  const proxy = await startProxy(t, { [HOST]: { target, tls_no_verify: true } }, options)
  t.match(await ask(proxy.port, ours), { status: 500 })
  await matchAlive(t, proxy)
})

test('an item that throws does not keep others from being called late', async (t) => {
  const thrown: unknown[] = []
  const deadlines = new Deadlines((error) => thrown.push(error))
  t.teardown(() => deadlines.close())
  let calls = 0
  const well = { deadline: 0, slot: -1, onLate: () => void calls++ }
  const bad = { deadline: 0, slot: -1, onLate: fail }
  for (const item of [well, bad, { ...well }]) deadlines.add(item)
  await waitFor(() => calls >= 4, 'two looks')
  t.equal(thrown.length, 1, 'it is called again later')
  t.ok(bad.deadline > 0)
})
