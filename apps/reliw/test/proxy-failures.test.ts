import { join } from 'node:path'
import type { UpstreamInput } from '@reliw/model'
import {
  createCertificate,
  freePort,
  openRaw,
  respond,
  startOrigin,
  tempDir,
  waitFor,
  type Responder,
  type OriginOptions,
  type TestContext
} from '@reliw/testing'
import { test, type Test } from 'tap'
import { headerOf } from '../../../packages/upstream-proxy/test/answer.ts'
import { askUntilRefused } from '../../../packages/upstream-proxy/test/app.ts'
import { ask, type Reply } from './cli/serving.ts'
import { type Server, startServer } from './start-server.ts'

/** What tells of addresses, files or the program. */
const INTERNALS = /127\.0\.0\.1|localhost|:\d{4}|secret|ECONN|ENOENT|certificate|\.ts|node:|reliw-/i

/** A response of the server itself, that says what is wrong to nobody but the log. */
async function matchFailure(
  t: Test,
  { line }: Server,
  { status, headers, text }: Reply,
  expected: number
): Promise<string> {
  const id = String(headers['x-request-id'])
  t.equal(status, expected)
  t.match(text, `<code>${id}</code>`)
  t.notMatch(JSON.stringify([headers, text]).replaceAll(id, ''), INTERNALS)
  return JSON.stringify(
    await line({
      request_id: id,
      msg: expected === 503 ? 'temporarily unavailable' : 'request failed'
    })
  )
}

/** Starts whatever is to fail; resolves to the upstream that leads there. */
type Prepare = (t: TestContext) => Promise<UpstreamInput>

async function answering(
  t: TestContext,
  ...origin: [Responder, OriginOptions?]
): Promise<UpstreamInput> {
  const { url: target } = await startOrigin(t, ...origin)
  return { target }
}

const certificate = await createCertificate(['127.0.0.1'])
const withTls = async (t: TestContext) => answering(t, respond(''), { tls: certificate })

const failures: Record<string, [status: number, cause: RegExp, prepare: Prepare]> = {
  'takes no connections': [
    502,
    /ECONNREFUSED/,
    async () => ({ target: `127.0.0.1:${await freePort()}` })
  ],
  'resets the connection': [
    502,
    /"failure":"reset"/,
    async (t) => answering(t, (_request, socket) => void socket.resetAndDestroy())
  ],
  'does not speak HTTP': [
    502,
    /"failure":"protocol"/,
    async (t) => answering(t, (_request, socket) => void socket.write('SSH-2.0-secret\r\n'))
  ],
  'has a certificate of nobody we trust': [502, /certificate[^]*"failure":"tls"/, withTls],
  'is to be verified by a file that is not there': [
    502,
    /secret-ca\.pem/,
    async (t) => ({ ...(await withTls(t)), tls_cafile: join(tempDir(t), 'secret-ca.pem') })
  ],
  'is a Unix socket that is not there': [
    502,
    /ENOENT/,
    async (t) => ({ target: `unix:${join(tempDir(t), 'secret.sock')}` })
  ],
  'is at a forbidden address': [
    502,
    /"failure":"forbidden"/,
    async (t) => ({ ...(await answering(t, respond(''))), allow_private: false })
  ],
  'does not answer in time': [
    504,
    /"failure":"headers timeout"/,
    async (t) => ({ ...(await answering(t, () => undefined)), timeouts: { headers: '100ms' } })
  ]
}

for (const [what, [status, cause, prepare]] of Object.entries(failures)) {
  test(`an origin that ${what} is a ${status} that only the log explains`, async (t) => {
    const upstream = { ...(await prepare(t)), retry: false as const }
    const server = await startServer(t, { 'PROXY:a.example': upstream })
    const logged = await matchFailure(t, server, await ask(server.port, '/'), status)
    t.match(logged, cause)
    t.match(logged, '"upstream":{"name":"a.example"')
    t.match(JSON.parse(logged), {
      content: undefined,
      upstream: { name: 'a.example', origin: String, attempts: 1, failure: String }
    })
    await server.line({ msg: 'request', status })
  })
}

test('while a circuit is open, responses have Retry-After', async (t) => {
  const origin = await startOrigin(t, (_request, socket) => {
    if (origin.requests.length === 1) socket.resetAndDestroy()
  })
  const breaker = { failure_threshold: 1, half_open_max_requests: 1 }
  const upstream = { target: origin.url, retry: false, circuit_breaker: breaker }
  const config = { log_level: 'debug' } as const
  const server = await startServer(t, { 'PROXY:a.example': upstream }, config)
  t.equal((await ask(server.port, '/')).status, 502)
  await server.line({ msg: 'circuit changed' })
  const response = await askUntilRefused(t, server, origin, 'a.example')
  const headers = { 'x-request-id': headerOf(response, 'x-request-id') ?? '' }
  const refused = { status: response.status, headers, text: response.body }
  const logged = await matchFailure(t, server, refused, 503)
  t.match(JSON.parse(logged), {
    content: undefined,
    upstream: { name: 'a.example', reason: 'circuit open' }
  })
  t.match(headerOf(response, 'retry-after'), /^[1-9]\d*$/)
})

test('when all connections are in use, responses have Retry-After', async (t) => {
  const origin = await startOrigin(t, () => undefined)
  const upstream = { target: origin.url, connections: 1, max_pending: 0 }
  const config = { log_level: 'debug' } as const
  const server = await startServer(t, { 'PROXY:a.example': upstream }, config)
  const first = openRaw(server.port)
  t.teardown(() => first.destroy())
  first.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n')
  await waitFor(() => origin.requests.length === 1, 'the first request')
  const response = await ask(server.port, '/')
  t.match(await matchFailure(t, server, response, 503), 'pool full')
  t.match(response.headers['retry-after'], /^[1-9]\d*$/)
})

test('responses of an origin are passed on unchanged, errors too', async (t) => {
  const origin = await startOrigin(t, respond('{"error":"mine"}', { 'retry-after': '7' }, 503))
  const server = await startServer(t, { 'PROXY:a.example': { target: origin.url, retry: false } })
  t.match(await ask(server.port, '/'), {
    status: 503,
    text: '{"error":"mine"}',
    headers: { 'retry-after': '7' }
  })
})
