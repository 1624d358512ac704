import { once } from 'node:events'
import { createServer } from 'node:http'
import { addServer } from '@reliw/http'
import { openRaw, portOf, type RawClient, type TestContext } from '@reliw/testing'
import t from 'tap'
import { KINDS, METHODS } from '../src/index.ts'
import { requestOf, startMetered } from './metered-app.ts'

const NAME = 'reliw_request_duration_seconds'
const COUNT = `${NAME}_count`
const IN_FLIGHT = 'reliw_requests_in_flight'

function open(t: TestContext, port: number, bytes: string): RawClient {
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  client.write(bytes)
  return client
}

t.test('known methods are counted separately, and the rest as other', async (t) => {
  const { send, scrapeWhen } = await startMetered(t)
  const methods = METHODS.filter((method) => method !== 'other' && method !== 'CONNECT')
  for (const method of [...methods, 'PROPFIND', 'MKCOL']) await send({ method })
  const read = await scrapeWhen((read) => read.value(COUNT) === methods.length + 2)
  t.strictSame(read.labels(COUNT, 'method'), [...methods, 'other'].toSorted())
  t.equal(read.value(COUNT, { method: 'other' }), 2)
  t.equal(read.value(COUNT, { method: 'other', class: '4xx' }), 1, 'one that the app does not know')
})

t.test('statuses are counted by class', async (t) => {
  const { send, scrapeWhen } = await startMetered(t)
  for (const code of [200, 204, 301, 404, 429, 500, 503, 599]) await send({ path: `/code/${code}` })
  const read = await scrapeWhen((read) => read.value(COUNT) === 8)
  const counts = ['2xx', '3xx', '4xx', '5xx'].map((name) => read.value(COUNT, { class: name }))
  t.strictSame(counts, [2, 1, 2, 3])
})

t.test('invalid statuses count as server errors', async (t) => {
  const { send, scrapeWhen, url } = await startMetered(t)
  for (const code of [600, 700, 999])
    t.match(await send({ path: `/code/${code}` }), `HTTP/1.1 ${code}`)
  const read = await scrapeWhen((read) => read.value(COUNT) === 3)
  t.strictSame(read.labels(COUNT, 'class'), ['5xx'])
  const status = await (await fetch(`${url}/status`)).json()
  t.match(status, { recent: { requests: 3, error_rate: 1 } })
})

t.test('responses are counted by kind', async (t) => {
  const { send, scrapeWhen } = await startMetered(t, {}, (app) => {
    app.addHook('onRequest', async (request) => {
      const kind = KINDS.find((one) => `/${one}` === request.url)
      if (kind !== undefined && kind !== 'none') request.kind = kind
    })
  })
  for (const path of [...KINDS, 'unheard-of']) await send({ path: `/${path}` })
  const read = await scrapeWhen((read) => read.value(COUNT) === KINDS.length + 1)
  t.strictSame(read.labels(COUNT, 'kind'), [...KINDS].toSorted())
  t.equal(read.value(COUNT, { kind: 'none' }), 2)
})

t.test(
  'requests are in flight until their responses are finished, or their clients gone',
  async (t) => {
    const held = Promise.withResolvers<string>()
    const { port, scrape, scrapeWhen } = await startMetered(t, {}, (app) => {
      app.get('/held', () => held.promise)
    })
    t.equal((await scrape()).value(IN_FLIGHT), 0)
    const stays = open(t, port, requestOf({ path: '/held' }))
    const leaves = open(t, port, requestOf({ path: '/held' }))
    const before = await scrapeWhen((read) => read.value(IN_FLIGHT) === 2)
    t.equal(before.value(COUNT), undefined, 'none of them is counted yet')
    leaves.destroy()
    const gone = await scrapeWhen((read) => read.value(IN_FLIGHT) === 1)
    t.equal(gone.value(COUNT), 1)
    held.resolve('released')
    await stays.readToEnd()
    const after = await scrapeWhen((read) => read.value(IN_FLIGHT) === 0)
    t.equal(after.value(COUNT), 2)
  }
)

t.test(
  'a client that leaves counts with the status that was sent, or 4xx if there was none',
  async (t) => {
    const { port, scrapeWhen } = await startMetered(t, {}, (app) => {
      app.get('/silent', () => new Promise<never>(() => undefined))
      app.get('/begun', (_request, reply) => {
        reply.hijack()
        reply.raw.writeHead(404, { 'content-length': 10 }).write('not ')
      })
    })
    const begun = open(t, port, requestOf({ path: '/begun' }))
    await begun.read('not ')
    begun.destroy()
    await scrapeWhen((read) => read.value(COUNT, { class: '4xx' }) === 1)
    const silent = open(t, port, requestOf({ path: '/silent' }))
    await scrapeWhen((read) => read.value(IN_FLIGHT) === 1)
    silent.destroy()
    const read = await scrapeWhen((read) => read.value(COUNT) === 2)
    t.equal(read.value(COUNT, { class: '4xx' }), 2)
  }
)

t.test('bodies are counted by their Content-Length', async (t) => {
  const { send, port, scrapeWhen } = await startMetered(t)
  await send({ method: 'POST', body: 'x'.repeat(1000) })
  await send({ method: 'PUT', body: '' })
  await send({ method: 'HEAD' })
  const breaksOff = open(
    t,
    port,
    'POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 99\r\n\r\nx'
  )
  await scrapeWhen((read) => read.value(IN_FLIGHT) === 1)
  breaksOff.destroy()
  const read = await scrapeWhen((read) => read.value(COUNT) === 4)
  t.equal(read.value('reliw_request_body_bytes_total'), 1000)
  t.equal(read.value('reliw_response_body_bytes_total', { host: 'unknown' }), 2 * 'served'.length)
})

t.test('an app may count bodies itself', async (t) => {
  const { send, scrapeWhen } = await startMetered(
    t,
    {
      is_site: () => true
    },
    (app) => {
      app.addHook('onRequest', async (request, reply) => {
        Object.assign(request, { bodySize: 5 })
        Object.assign(reply, { bodySize: 7 })
      })
    }
  )
  await send()
  const read = await scrapeWhen((read) => read.value(COUNT) === 1)
  t.equal(read.value('reliw_request_body_bytes_total', { host: 'a.example' }), 5)
  t.equal(read.value('reliw_response_body_bytes_total', { host: 'a.example' }), 7)
})

t.test('an app may itself report when requests begin and end', async (t) => {
  const { send, scrapeWhen } = await startMetered(t, { hook: false }, (app) => {
    app.get('/counted', async (request, reply) => {
      app.metrics.begin()
      reply.raw.on('close', () => app.metrics.end(request, reply, 1500))
      return 'served'
    })
  })
  await send()
  await send({ path: '/counted' })
  const read = await scrapeWhen((read) => read.value(COUNT) === 1)
  t.equal(read.value(IN_FLIGHT), 0)
  t.equal(read.value(`${NAME}_sum`), 1.5)
  t.equal(read.value(`${NAME}_bucket`, { le: '1' }), 0)
  t.equal(read.value(`${NAME}_bucket`, { le: '2' }), 1)
})

t.test('connections are counted, those of additional servers too', async (t) => {
  const other = createServer()
  t.teardown(() => other.close())
  const { app, port, scrape, scrapeWhen } = await startMetered(t)
  addServer(app, other)
  await once(other.listen(0, '127.0.0.1'), 'listening')
  const clients = [port, port, portOf(other)].map((to) => open(t, to, ''))
  await scrapeWhen((read) => read.value('reliw_connections') === 3)
  for (const client of clients) client.destroy()
  await scrapeWhen((read) => read.value('reliw_connections') === 0)
  t.equal((await scrape()).value('reliw_connections_accepted_total'), 3)
})

t.test('failures in Fastify itself are counted by their response', async (t) => {
  const { send, scrapeWhen } = await startMetered(t, {}, (app) => {
    app.get('/throws', async () => {
      throw new Error('on purpose')
    })
  })
  t.match(await send({ path: '/throws' }), /^HTTP\/1.1 500/)
  const read = await scrapeWhen((read) => read.value(COUNT) === 1)
  t.equal(read.value(COUNT, { class: '5xx' }), 1)
})
