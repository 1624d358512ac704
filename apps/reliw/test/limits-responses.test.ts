import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rawRequest, respond, startOrigin, tempDir, type TestContext } from '@reliw/testing'
import { test, type Test } from 'tap'
import type { Config } from '../src/index.ts'
import { startServer } from './start-server.ts'

/** Not counted by the store: it may answer too late. */
const POLICY = { name: 'all', limit: 1000, period: '1d', count: 'process' } as const

/** Resolves to a response's bytes. */
type Send = (
  path: string,
  more?: { method?: string; headers?: string; host?: string }
) => Promise<string>

/** A server with files, pages and upstreams, and these policies. */
async function start(t: TestContext, rate_limits: Config['rate_limits']): Promise<Send> {
  const origin = await startOrigin(t, respond('of the origin'))
  const data_dir = tempDir(t)
  mkdirSync(join(data_dir, 'a.example/dir'), { recursive: true })
  writeFileSync(join(data_dir, 'a.example/large.bin'), Buffer.alloc(20_000))
  writeFileSync(join(data_dir, 'a.example/dir/index.html'), 'an index')
  const GET = { GET: true }
  const { port } = await startServer(
    t,
    {
      'API:a.example': [
        ['^/api', 'api'],
        ['^/limited', 'limited'],
        ['^/', 'page']
      ],
      'API:a.example:api': { methods: GET, proxy: { target: origin.url } },
      'API:a.example:limited': { methods: GET, rate_limit: { GET: { limit: 0, period: 60 } } },
      'API:a.example:page': { methods: { GET: true, OPTIONS: true }, index: 'index.html' },
      'FILES:a.example:/page.txt': { content: 'a page' },
      'FILES:a.example:/page.md': { content: '# A page' },
      'PROXY:whole.example': { target: origin.url }
    },
    { data_dir, cache_max_size: 10_000, rate_limits }
  )
  return (path, { method = 'GET', headers = '', host = 'a.example' } = {}) =>
    rawRequest(
      port,
      `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${headers}Connection: close\r\n\r\n`
    )
}

/** The values of a header, in the order of its lines. */
function valuesOf(response: string, name: string): string[] {
  const [head = ''] = response.split('\r\n\r\n')
  const lines = head.split('\r\n').filter((line) => line.toLowerCase().startsWith(`${name}: `))
  return lines.map((line) => line.slice(name.length + 2))
}

function hasRateLimit(t: Test, response: string, status: number, left: number): void {
  t.equal(response.slice(9, 12), `${status}`)
  t.same(valuesOf(response, 'ratelimit-policy'), ['"all";q=1000;w=86400'], `${status}`)
  t.match(valuesOf(response, 'ratelimit'), [new RegExp(`^"all";r=${left};t=\\d+$`)], `${status}`)
}

test('responses of every kind have RateLimit headers, once', async (t) => {
  const send = await start(t, [POLICY])
  const page = await send('/page.txt')
  hasRateLimit(t, page, 200, 999)
  const [etag = 'none'] = valuesOf(page, 'etag')
  let left = 998
  for (const [status, path, more] of [
    [200, '/page.txt', { method: 'HEAD' }],
    [304, '/page.txt', { headers: `If-None-Match: ${etag}\r\n` }],
    [206, '/page.txt', { headers: 'Range: bytes=0-1\r\n' }],
    [416, '/page.txt', { headers: 'Range: bytes=99-\r\n' }],
    [200, '/page.md', {}],
    [200, '/large.bin', {}],
    [200, '/large.bin', { method: 'HEAD' }],
    [206, '/large.bin', { headers: 'Range: bytes=5-9\r\n' }],
    [301, '/dir', {}],
    [204, '/page.txt', { method: 'OPTIONS' }],
    [405, '/page.txt', { method: 'POST' }],
    [404, '/missing', {}],
    [404, '/', { host: 'other.example' }],
    [200, '/api', {}],
    [200, '/api', { method: 'HEAD' }],
    [200, '/whatever', { host: 'whole.example' }]
  ] as const) {
    const own = 'host' in more
    hasRateLimit(t, await send(path, more), status, own ? 999 : left)
    if (!own) left -= 1
  }
})

test('a refusal is an error page of the site with Retry-After', async (t) => {
  const send = await start(t, [{ ...POLICY, limit: 0, period: '2m' }])
  for (const [path, host] of [
    ['/page.txt', 'a.example'],
    ['/missing', 'a.example'],
    ['/api', 'a.example'],
    ['/', 'whole.example']
  ] as const) {
    const response = await send(path, { host })
    t.equal(response.slice(9, 12), '429', path)
    t.same(valuesOf(response, 'retry-after'), ['120'])
    t.same(valuesOf(response, 'ratelimit'), ['"all";r=0;t=120'])
    t.match(valuesOf(response, 'content-type'), [/^text\/html/])
  }
  const head = await send('/page.txt', { method: 'HEAD' })
  t.equal(head.slice(9, 12), '429')
  t.equal(head.split('\r\n\r\n')[1], '')
})

test("without policies only an entry's own limit is in RateLimit", async (t) => {
  const send = await start(t, [])
  for (const path of ['/page.txt', '/large.bin', '/api', '/missing']) {
    t.notMatch(await send(path), /ratelimit/i, path)
  }
  const response = await send('/limited')
  t.match(response, /^HTTP\/1\.1 429 [^]*\r\nretry-after: 60\r\n/)
  t.same(valuesOf(response, 'ratelimit-policy'), ['"GET";q=0;w=60'])
  t.same(valuesOf(response, 'ratelimit'), ['"GET";r=0;t=60'])
})
