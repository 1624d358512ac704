import { createHmac } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  rawRequest,
  startOrigin,
  tempDir,
  waitFor,
  type Origin,
  type TestContext
} from '@reliw/testing'
import { serve, type Served } from '../served/serve.ts'
import type { Values } from '../served/write-values.ts'
import { nodeFlags } from './health.ts'

/** A host for each way of answering. */
export const HOSTS = [
  'content.test',
  'proxied.test',
  'mixed.test',
  'guarded.test',
  'limited.test'
] as const

/** Where something is, on one host or another. */
export const PATHS = [
  '/',
  '/page',
  '/page.md',
  '/big.bin',
  '/missing',
  '/api/a/b',
  '/api/ws',
  '/ws',
  '/basic/x',
  '/members/x',
  '/login',
  '/logout',
  '/dir/',
  '/.well-known/acme-challenge/token'
] as const

/** Above what is kept in memory, so that it is streamed. */
const BIG = 400 * 1024
/** Everything has to be over within a few seconds, requests included that never end. */
const SHORT = '2s'
const MAX_KEPT = 1000
/** One protocol, as an origin chooses it (RFC 9110 7.8). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z/]+$/

/** The server under test and the origin behind it. */
export interface ClientStage {
  readonly served: Served
  readonly origin: Origin
}

/** Starts both: content, rendered pages, a large file, proxies, logins, rules and rates. */
export async function startClientStage(t: TestContext, heap?: number): Promise<ClientStage> {
  const origin = await startOrigin(t, (request, connection) => respond(origin, request, connection))
  const www = tempDir(t)
  for (const host of HOSTS) {
    mkdirSync(join(www, host, 'dir'), { recursive: true })
    writeFileSync(join(www, host, 'big.bin'), Buffer.alloc(BIG, 'b'))
    writeFileSync(join(www, host, 'dir', 'index.html'), '<p>dir')
  }
  const served = await serve(t, {
    values: { ...contentValues(), ...proxyValues(origin) },
    config: {
      data_dir: www,
      cache_max_size: BIG / 2,
      keepalive_idle_timeout: SHORT,
      request_header_timeout: SHORT,
      request_body_timeout: SHORT,
      request_timeout: '10s',
      send_timeout: '5s',
      max_body_size: '64KiB',
      // Those who fuzz use the same cores.
      pressure: { max_event_loop_delay: 0 }
    },
    flags: nodeFlags(heap)
  })
  await Promise.all(HOSTS.map((host) => renderOnce(served, host)))
  return { served, origin }
}

/** A first page is rendered by a thread that has to start, which on a busy machine takes too long: 500, and another try. */
function renderOnce({ port }: Served, host: string): Promise<unknown> {
  const bytes = `GET /page HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
  const isRendered = async (): Promise<boolean> =>
    (await rawRequest(port, bytes)).startsWith('HTTP/1.1 200 ')
  return waitFor(isRendered, 'the first page')
}

async function respond(
  origin: Origin,
  request: Origin['requests'][number],
  connection: Parameters<Parameters<typeof startOrigin>[1]>[1]
): Promise<void> {
  if (origin.requests.length > MAX_KEPT) origin.requests.length = 0
  const protocol = request.header('upgrade') ?? ''
  const isUpgrade = TOKEN.test(protocol) && request.target.includes('ws')
  await request.body
  if (isUpgrade) {
    connection.write(`HTTP/1.1 101 Over\r\nUpgrade: ${protocol}\r\nConnection: Upgrade\r\n\r\n`)
    request.detach()
    connection.once('end', () => connection.end())
    return
  }
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n'
  connection.write(request.method === 'HEAD' ? head : `${head}hello`)
}

function contentValues(): Values {
  const salt = 'salt'
  const pass = createHmac('sha256', salt).update('correct horse').digest('hex')
  const page = {
    methods: { GET: true, OPTIONS: true, POST: true },
    index: 'index.html',
    try_extensions: ['.md'],
    error: { 404: '<p>nothing' },
    headers: { 'x-site': 'fuzzed' }
  }
  const sites = HOSTS.map((host): Values => ({
    [`API:${host}`]: [
      ['/login', 'login', true],
      ['/logout', 'logout', true],
      ['^/api/', 'api'],
      ['^/basic/', 'basic'],
      ['^/members/', 'members'],
      ['^/', 'page']
    ],
    [`API:${host}:page`]:
      host === 'limited.test' ? { ...page, rate_limit: { GET: { limit: 5, period: 1 } } } : page,
    [`API:${host}:login`]: { methods: { GET: true, POST: true }, auth: { login: true } },
    [`API:${host}:logout`]: { methods: { GET: true, POST: true }, auth: { logout: true } },
    [`API:${host}:basic`]: { methods: { GET: true }, auth: { any: ['basic', 'api_key'] } },
    [`API:${host}:members`]: { methods: { GET: true }, auth: { any: ['session'] } },
    [`FILES:${host}:/page.md`]: { content: '# Page\n\nText.' },
    [`FILES:${host}:/index.html`]: { content: '<h1>Home</h1>' },
    [`USERS:${host}`]: { ada: JSON.stringify({ pass, salt, groups: ['staff'] }) }
  }))
  return Object.assign({}, ...sites) as Values
}

function proxyValues(origin: Origin): Values {
  const upstream = { target: origin.url, circuit_breaker: false, health: { max_fails: 0 } }
  const methods = Object.fromEntries(
    ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'MOVE', 'QUERY'].map(
      (method) => [method, true]
    )
  )
  const api = { methods, proxy: { ...upstream, strip_prefix: '/api' } }
  const entries = HOSTS.map((host) => [`API:${host}:api`, api])
  return {
    ...Object.fromEntries(entries),
    'PROXY:proxied.test': upstream,
    'SITE:limited.test': {
      rate_limits: [{ name: 'all', limit: 20, period: '1s', algorithm: 'gcra' }],
      max_concurrent_requests: 20
    },
    'DATA:content.test:.well-known/acme-challenge/token': 'token',
    WAF: {
      'guarded.test': JSON.stringify({
        query: ['/%.git/', '[Uu]nion%s+[Ss]elect'],
        headers: { 'user-agent': ['[Ss]qlmap'], referer: ['<script'] }
      })
    }
  }
}
