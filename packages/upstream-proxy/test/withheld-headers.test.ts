import { once } from 'node:events'
import { openHttp2, openRaw, portOf, respond, startOrigin, waitFor } from '@reliw/testing'
import fastify from 'fastify'
import { test } from 'tap'
import { rewriteRequestHeaders } from '../src/headers/request-headers.ts'
import { upstreamProxy } from '../src/index.ts'
import { writeRequest } from './answer.ts'
import { openClient, startProxy } from './app.ts'
import { contextOf, requestOf, valuesOf } from './header-fixtures.ts'

const WITHHELD = { cookies: ['sid'], headers: ['authorization', 'x-api-key'] }

function rewritten(rawHeaders: readonly string[], isTrusted = false): string[] {
  return rewriteRequestHeaders(
    requestOf(rawHeaders, { withheld: WITHHELD, isTrusted }),
    contextOf()
  )
}

test('withheld cookies are taken out of every piece, and a header without others is dropped', async (t) => {
  const pieces = ['cookie', 'a=1', 'cookie', 'sid=x', 'COOKIE', 'sid=y; b=2', 'Cookie', 'c=3']
  t.same(valuesOf(rewritten(pieces), 'cookie'), ['a=1; b=2; c=3'])
  t.same(valuesOf(rewritten(['Cookie', 'sid=x', 'cookie', ' sid = y']), 'cookie'), [])
  t.same(valuesOf(rewritten(['Cookie', 'sid=x'], true), 'cookie'), [], 'nor of a trusted proxy')
})

test('withheld headers are left out in any spelling, whoever sends them', async (t) => {
  const names = ['Authorization', 'AUTHORIZATION', 'X-API-Key', 'x_api_key', 'X.Api-Key']
  const raw = names.flatMap((name) => [name, 'secret']).concat('X-Own', 'kept')
  for (const isTrusted of [false, true]) {
    const headers = rewritten(raw, isTrusted)
    t.notOk(headers.includes('secret'))
    t.same(valuesOf(headers, 'x-own'), ['kept'])
  }
})

test('an HTTP/2 client’s cookies in pieces come without the withheld ones', async (t) => {
  const origin = await startOrigin(t, respond('well'))
  const app = fastify({ http2: true })
  t.teardown(() => app.close())
  const upstreams = { all: { target: origin.url } }
  await app.register(upstreamProxy, { upstreams, withhold: () => WITHHELD })
  app.get('/', { config: { upstream: 'all' } }, () => undefined)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const ask = openHttp2(t, portOf(app.server))
  t.equal((await ask({ cookie: ['a=1', 'sid=x', 'b=2'], authorization: 'Basic x' })).status, 200)
  t.equal(origin.requests[0]?.header('cookie'), 'a=1; b=2')
  t.equal(origin.requests[0]?.header('authorization'), undefined)
})

test('what has to be asked for is awaited, and a client that left meanwhile is not forwarded', async (t) => {
  const origin = await startOrigin(t, respond('well'))
  const asked: PromiseWithResolvers<typeof WITHHELD>[] = []
  const withhold = (): Promise<typeof WITHHELD> => {
    const asking = Promise.withResolvers<typeof WITHHELD>()
    asked.push(asking)
    return asking.promise
  }
  const proxy = await startProxy(t, { 'a.test': { target: origin.url } }, { withhold })
  const leaver = openRaw(proxy.port)
  leaver.write(writeRequest({ host: 'a.test', path: '/left' }))
  await waitFor(() => asked[0], 'the first question')
  const left = once(proxy.requests[0]?.raw.socket ?? leaver.socket, 'close')
  leaver.destroy()
  await left
  asked[0]?.resolve(WITHHELD)
  const client = openClient(t, proxy)
  client.write('GET /stays HTTP/1.1\r\nHost: a.test\r\nCookie: sid=x; a=1\r\n\r\n')
  await waitFor(() => asked[1], 'the second question')
  asked[1]?.resolve(WITHHELD)
  t.match(await client.read('well'), /^HTTP\/1\.1 200 /)
  t.same(
    origin.requests.map(({ target }) => target),
    ['/stays']
  )
  t.equal(origin.requests[0]?.header('cookie'), 'a=1')
})

test('a question that fails, at once or later, is the end of its request alone', async (t) => {
  const origin = await startOrigin(t, respond('well'))
  let isLate = false
  const withhold = (): Promise<never> => {
    if (!isLate) throw new Error('no settings')
    return Promise.reject(new Error('no settings'))
  }
  const proxy = await startProxy(t, { 'a.test': { target: origin.url } }, { withhold })
  for (isLate of [false, true]) {
    const client = openClient(t, proxy)
    client.write('GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n')
    t.match(await client.readToEnd(), /^HTTP\/1\.1 500 /)
  }
  t.equal(origin.requests.length, 0)
})
