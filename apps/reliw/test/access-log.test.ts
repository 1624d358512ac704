import { openRaw, portOf, type RawClient, rawRequest, waitFor } from '@reliw/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import { type Logger, pino } from 'pino'
import { test, type Test } from 'tap'
import { ACCESS_FIELDS, createAccessLog, type EndListener } from '../src/access-log.ts'

type Fields = Record<string, unknown>

interface Logged {
  app: FastifyInstance
  logger: Logger
  /** Lines as they were written. */
  lines: string[]
}

interface LoggedOptions {
  /** What plugins have found out about the request. */
  known?: Fields
  errorCode?: string
  headers?: string[]
  onEnd?: EndListener
}

/** All that may be known of a request. */
const ALL = {
  identity: { user: 'ada' },
  upstream: { name: 'a.example', origin: '10.0.0.3:8080' },
  cache: 'hit',
  waf: { action: 'detect' },
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
}

/** An app with an access log. */
async function start(t: Test, options: LoggedOptions = {}): Promise<Logged> {
  const { known = {}, headers = [], onEnd } = options
  const lines: string[] = []
  const writeLine = (line: string): void => void lines.push(line)
  const logger = pino({ base: null }, { write: writeLine })
  const log = { logger, writeLine, flush: async () => undefined, dropped: () => 0 }
  const logAccess = createAccessLog(log, headers, onEnd)
  const app = Fastify({ genReqId: () => 'r-1' })
  app.decorateReply('bodySize', 5)
  app.decorateReply('errorCode', options.errorCode)
  app.addHook('onRequest', async (request, reply) => {
    Object.assign(request, {
      facts: { host: 'a.example', clientIp: '192.0.2.7' },
      ...known
    })
    logAccess(request, reply)
  })
  app.get('/*', async () => 'hello')
  app.get('/begun', (_request, reply) => {
    reply.hijack()
    reply.raw.write('a part')
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => {
    app.server.closeAllConnections()
    return app.close()
  })
  return { app, logger, lines }
}

/** Asks with these header lines, and returns the line that is written of it. */
async function lineOf({ app, lines }: Logged, ...headers: string[]): Promise<string> {
  const head = ['GET /a?b="c" HTTP/1.1', 'Host: a.example', 'Connection: close', ...headers]
  await rawRequest(portOf(app.server), `${head.join('\r\n')}\r\n\r\n`)
  return waitFor(() => lines.shift(), 'the line')
}

async function fieldsOf(logged: Logged, ...headers: string[]): Promise<Fields> {
  return JSON.parse(await lineOf(logged, ...headers)) as Fields
}

test('a line has its fields in their order, headers behind them', async (t) => {
  const headers = ['user-agent', 'x-mine']
  const logged = await start(t, { known: ALL, errorCode: 'RELIW_X', headers })
  const forwarded = ['X-Forwarded-For: 1.2.3.4, 192.0.2.7', 'X-Real-IP: 192.0.2.7']
  const line = await fieldsOf(logged, ...forwarded, 'X-Mine: yes', 'User-Agent: me')
  t.match(line, {
    level: 30,
    vhost: 'a.example',
    method: 'GET',
    path: '/a?b="c"',
    status: 200,
    size: 5,
    client_ip: '192.0.2.7',
    forwarded_for: '1.2.3.4, 192.0.2.7',
    forwarded_real_ip: '192.0.2.7',
    request_id: 'r-1',
    user: 'ada',
    upstream: '10.0.0.3:8080',
    cache: 'hit',
    waf: 'detect',
    error: 'RELIW_X',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    'user-agent': 'me',
    'x-mine': 'yes',
    msg: 'request'
  })
  const expected = ACCESS_FIELDS.flatMap((name) =>
    name === 'aborted' ? ['user-agent', 'x-mine'] : [name]
  )
  t.strictSame(Object.keys(line), expected)
})

test('unknown and missing fields are omitted', async (t) => {
  const line = await fieldsOf(await start(t, { headers: ['user-agent'] }))
  const always = ['level', 'ts', 'vhost', 'method', 'path', 'status', 'size', 'time', 'client_ip']
  t.strictSame(Object.keys(line), [...always, 'request_id', 'msg'])
})

test("without an attempt, the upstream field has the upstream's name", async (t) => {
  const upstream = { name: 'a.example:api', origin: undefined }
  t.match(await fieldsOf(await start(t, { known: { upstream } })), { upstream: 'a.example:api' })
})

test('every value is escaped within its line', async (t) => {
  const evil = '"},\\"status":500\u0000\u001B\n\u007F\u009B\u2028\uD800'
  const known = {
    identity: { user: evil },
    upstream: { name: evil, origin: undefined },
    traceparent: `00-${'"'.repeat(32)}-x`
  }
  const logged = await start(t, { known, headers: ['user-agent'] })
  const sent = 'a"b\\c\td\u00E9\u0080\u009F'
  const names = ['X-Forwarded-For', 'X-Real-IP', 'User-Agent']
  const line = await lineOf(logged, ...names.map((name) => `${name}: ${sent}`))
  t.notMatch(line, /[^\x20-\x7E\u00A0-\uFFFF]./, 'nothing that terminals take for commands')
  const fields = JSON.parse(line) as Fields
  t.match(fields, { status: 200, user: evil, upstream: evil, trace_id: '"'.repeat(32) })
  for (const name of ['forwarded_for', 'forwarded_real_ip', 'user-agent'])
    t.match(String(fields[name]), /^a"b\\c\td.+$/, name)
})

test('a header with the name of a field is logged with a prefix', async (t) => {
  const logged = await start(t, { known: ALL, headers: ['user', 'status', '__proto__'] })
  const line = await fieldsOf(logged, 'User: mallory', 'Status: 500')
  t.match(line, { status: 200, user: 'ada', header_user: 'mallory', header_status: '500' })
})

test('headers that came twice are shown together', async (t) => {
  const logged = await start(t, { headers: ['x-mine', 'set-cookie'] })
  const twice = ['X-Forwarded-For: 1.2.3.4', 'X-Forwarded-For: 5.6.7.8']
  const line = await fieldsOf(logged, ...twice, 'Set-Cookie: a', 'Set-Cookie: b')
  t.match(line, { forwarded_for: '1.2.3.4, 5.6.7.8', 'set-cookie': ['a', 'b'] })
})

test('onEnd is called with the duration of each request, whatever is logged', async (t) => {
  const ends: { path: string; status: number; ms: number }[] = []
  const onEnd: EndListener = ({ url }, { raw }, ms) =>
    void ends.push({ path: url, status: raw.statusCode, ms })
  const logged = await start(t, { onEnd })
  const { app, logger, lines } = logged
  const { time } = await fieldsOf(logged)
  t.equal(ends.length, 1)
  t.equal(Math.round((ends[0]?.ms ?? 0) * 1000) / 1000, time, 'as it is in the line')

  logger.level = 'warn'
  await rawRequest(portOf(app.server), 'GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  await waitFor(() => ends.length === 2, 'the end of the second')
  t.match(ends[1], { path: '/none', status: 200, ms: Number })

  const client = await begin(logged)
  t.equal(ends.length, 2, 'it has not ended')
  client.destroy()
  await waitFor(() => ends.length === 3, 'the end of the third')
  t.match(ends[2], { path: '/begun', status: 200 })
  t.equal(lines.length, 0)
})

test('the log level at the end of a request decides', async (t) => {
  const logged = await start(t, { onEnd: () => undefined })
  const { logger, lines } = logged
  logger.level = 'error'
  const client = await begin(logged)
  logger.level = 'debug'
  client.destroy()
  const line = await waitFor(() => lines.shift(), 'the line')
  t.match(JSON.parse(line), { path: '/begun', aborted: true })
})

/** A client that has a part of a response. */
async function begin({ app }: Logged): Promise<RawClient> {
  const client = openRaw(portOf(app.server))
  client.write('GET /begun HTTP/1.1\r\nHost: a.example\r\n\r\n')
  await client.read('a part')
  return client
}
