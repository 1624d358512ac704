import { freePort, respond, startOrigin, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { ask, writeRequest } from './answer.ts'
import { matchRest, openClient, startProxy } from './app.ts'
import { recordEvents } from './recorded-events.ts'

const HOST = 'shop.test'

test('an answer is told once its head is here, and once it is over', async (t) => {
  const origin = await startOrigin(t, respond('no', {}, 404))
  const events = recordEvents(t, HOST)
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  await ask(proxy.port, { host: HOST })
  const name = `127.0.0.1:${origin.port}`
  t.match(events.attempt, [
    { upstream: HOST, requestId: /./, origin: name, attempt: 1, status: 404, ms: Number }
  ])
  t.match(events.outcome, [
    { upstream: HOST, attempts: 1, status: 404, result: 'answered', ms: Number }
  ])
  t.equal(events.attempt[0]?.requestId, events.outcome[0]?.requestId)
  t.equal(events.attempt[0]?.requestId, origin.requests[0]?.header('x-request-id'))
  t.ok((events.outcome[0]?.ms ?? 0) >= (events.attempt[0]?.ms ?? Infinity))
  t.equal(events.retry.length, 0)
  await matchRest(t, proxy, origin)
})

test('every attempt is told, and every retry before it is made', async (t) => {
  const origin = await startOrigin(t, respond('busy', {}, 503))
  const dead = `127.0.0.1:${await freePort()}`
  const events = recordEvents(t, HOST)
  const upstream = { targets: [dead, origin.url], retry: { max_attempts: 2 } }
  const proxy = await startProxy(t, { [HOST]: upstream })
  t.equal((await ask(proxy.port, { host: HOST })).status, 503)
  t.match(events.attempt, [
    { attempt: 1, origin: dead, failure: 'connect', status: undefined },
    { attempt: 2, origin: `127.0.0.1:${origin.port}`, status: 503, failure: undefined }
  ])
  t.match(events.retry, [{ attempt: 2, delay: 0 }])
  t.match(events.outcome, [{ attempts: 2, status: 503, result: 'answered' }])
  await matchRest(t, proxy, origin)
})

test('what fails is told with its cause, to whoever listens only', async (t) => {
  const target = `127.0.0.1:${await freePort()}`
  const events = recordEvents(t, HOST)
  const retry = { max_attempts: 2, backoff: 0 }
  const proxy = await startProxy(t, {
    [HOST]: { target, retry },
    'once.test': { target, retry: false }
  })
  const once = recordEvents(t, 'once.test')
  t.equal((await ask(proxy.port, { host: HOST })).status, 502)
  t.match(events.attempt, [{ failure: 'connect' }, { failure: 'connect' }])
  t.match(events.outcome, [{ attempts: 2, status: 502, result: 'retries exhausted' }])
  await ask(proxy.port, { host: 'once.test' })
  t.match(once.outcome, [{ attempts: 1, status: 502, result: 'failed' }])
  t.equal(events.outcome.length, 1)
  await matchRest(t, proxy)
})

test('an answer that breaks off is one that failed', async (t) => {
  const origin = await startOrigin(t, (_request, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun', () =>
      socket.resetAndDestroy()
    )
  })
  const events = recordEvents(t, HOST)
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, retry: false } })
  await ask(proxy.port, { host: HOST })
  t.match(events.attempt.at(-1), { failure: 'reset' })
  t.match(events.outcome, [{ attempts: 1, result: 'failed' }])
  t.match(proxy.log, [
    {
      request_id: events.outcome[0]?.requestId,
      upstream: { name: HOST, origin: `127.0.0.1:${origin.port}`, attempts: 1 },
      err: { type: 'OriginFailure', message: 'the connection broke' },
      msg: 'response broke off'
    }
  ])
  await matchRest(t, proxy, origin)
})

test('what is refused before any attempt is told as an outcome only', async (t) => {
  const origin = await startOrigin(t, respond(''))
  const events = recordEvents(t, HOST)
  const upstream = { target: origin.url, max_body_size: 1, strip_prefix: '/api' }
  const proxy = await startProxy(t, { [HOST]: upstream })
  const refused = [
    [413, { host: HOST, path: '/api/', method: 'POST', body: 'xx' }],
    [404, { host: HOST, path: '/other' }],
    [405, { host: HOST, path: '/api/', method: 'TRACE' }]
  ] as const
  for (const [status, question] of refused) {
    t.equal((await ask(proxy.port, question)).status, status)
    t.match(events.outcome.at(-1), { attempts: 0, status, result: 'refused' })
  }
  t.equal(events.attempt.length + origin.accepted, 0)
  await matchRest(t, proxy, origin)
})

test('a pool that is full and an upgrade that was made are outcomes, too', async (t) => {
  const origin = await startOrigin(t, (request, socket) => {
    if (request.header('upgrade') === undefined) return
    request.detach()
    socket.write('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
  })
  const events = recordEvents(t, HOST)
  const upstream = { target: origin.url, connections: 1, max_pending: 0 }
  const proxy = await startProxy(t, { [HOST]: upstream })
  const client = openClient(t, proxy)
  client.write(writeRequest({ host: HOST }))
  await waitFor(() => origin.requests.length === 1, 'the request')
  t.equal((await ask(proxy.port, { host: HOST })).status, 503)
  t.match(events.outcome, [{ result: 'pool full', status: 503, attempts: 1 }])
  client.destroy()
  await waitFor(() => origin.connections === 0, 'room')
  const upgrading = openClient(t, proxy)
  upgrading.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`)
  await upgrading.read('\r\n\r\n')
  t.match(events.attempt.at(-1), { status: 101 })
  t.match(events.outcome.at(-1), { result: 'answered', status: 101 })
  upgrading.destroy()
  await matchRest(t, proxy, origin)
})
