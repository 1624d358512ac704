import { respond, startOrigin, type Origin, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import type { Config } from '../src/index.ts'
import { ask } from './cli/serving.ts'
import { type Server, startServer } from './start-server.ts'

/** What a proxy in front of us sends. */
const FORWARDED = {
  'x-forwarded-for': '198.51.100.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'www.example',
  'x-request-id': 'edge-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'vendor=1',
  forwarded: 'for=198.51.100.7'
}

async function start(t: TestContext, config: Config = {}): Promise<Server & { origin: Origin }> {
  const origin = await startOrigin(t, respond('body', { 'x-request-id': 'of the origin' }))
  const values = { 'PROXY:a.example': { target: origin.url } }
  return { ...(await startServer(t, values, config)), origin }
}

/** Some headers of the last request that the origin got. */
function received({ requests }: Origin, ...names: string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, requests.at(-1)?.header(name)]))
}

test('forwarding headers of untrusted peers are replaced', async (t) => {
  const { port, origin } = await start(t)
  const { headers } = await ask(port, '/', FORWARDED)
  t.strictSame(received(origin, ...Object.keys(FORWARDED), 'x-real-ip', 'host'), {
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'a.example',
    'x-request-id': headers['x-request-id'],
    traceparent: origin.requests[0]?.header('traceparent'),
    tracestate: undefined,
    forwarded: undefined,
    'x-real-ip': '127.0.0.1',
    host: `127.0.0.1:${origin.port}`
  })
  t.not(headers['x-request-id'], 'edge-1')
  t.match(origin.requests[0]?.header('traceparent'), /^00-(?!0af7)[0-9a-f]{32}-[0-9a-f]{16}-/)
})

test('forwarding headers of a trusted proxy are extended', async (t) => {
  const { port, origin, line } = await start(t, { trusted_proxies: ['127.0.0.0/8'] })
  const { headers } = await ask(port, '/', FORWARDED)
  t.strictSame(received(origin, ...Object.keys(FORWARDED), 'x-real-ip'), {
    ...FORWARDED,
    'x-forwarded-for': '198.51.100.7, 127.0.0.1',
    forwarded: undefined,
    'x-real-ip': '198.51.100.7'
  })
  t.equal(headers['x-request-id'], 'edge-1')
  await line({ msg: 'request', request_id: 'edge-1', client_ip: '198.51.100.7' })
})

test('one id is in the log, at the origin and in the response', async (t) => {
  const { port, origin, line } = await start(t)
  const { headers } = await ask(port, '/x')
  const id = headers['x-request-id']
  t.type(id, 'string', 'there is one of them')
  t.equal(origin.requests[0]?.header('x-request-id'), id)
  await line({ msg: 'request', path: '/x', request_id: id })
})

test('hop-by-hop headers are removed, the others forwarded', async (t) => {
  const { port, origin } = await start(t)
  await ask(port, '/', {
    connection: 'close, x-secret',
    'x-secret': '1',
    'keep-alive': 'timeout=5',
    te: 'trailers, deflate',
    'proxy-authorization': 'Basic x',
    'proxy-connection': 'close',
    authorization: 'Basic y',
    cookie: 'a=1',
    'x-own': 'kept'
  })
  const names = ['x-secret', 'keep-alive', 'te', 'proxy-authorization', 'proxy-connection']
  t.strictSame(received(origin, ...names, 'authorization', 'cookie', 'x-own'), {
    'x-secret': undefined,
    'keep-alive': undefined,
    te: 'trailers',
    'proxy-authorization': undefined,
    'proxy-connection': undefined,
    authorization: 'Basic y',
    cookie: 'a=1',
    'x-own': 'kept'
  })
})
