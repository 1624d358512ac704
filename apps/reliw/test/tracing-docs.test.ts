import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRaw, startOrigin, startRedis } from '@reliw/testing'
import { test } from 'tap'
import { ask } from './cli/serving.ts'
import type { Span } from './tracing-otlp.ts'
import { startTraced } from './tracing-server.ts'

const DOCUMENT = join(import.meta.dirname, '../../../docs/tracing.md')

/** The attributes and their types, as they are documented. */
function documented(kind: string): string[] {
  const [, section = ''] = readFileSync(DOCUMENT, 'utf8').split(`**A span of kind ${kind}`)
  const [text = ''] = section.split(/\n\*\*|\n## /)
  const rows = text.matchAll(/^\| `([\w.]+)` +\| (\w+)/gm)
  return Array.from(rows, ([, name, type]) => `${name} ${type}`).toSorted()
}

/** Those that spans of that kind have. */
function recorded(spans: Span[], wanted: number): string[] {
  const all = spans.filter(({ kind }) => kind === wanted).map(({ attributes }) => attributes)
  const rows = all.flatMap((one) =>
    Object.entries(one).map(([name, value]) => `${name} ${typeOf(value)}`)
  )
  return [...new Set(rows)].toSorted()
}

function typeOf(value: unknown): string {
  return typeof value === 'number' ? 'integer' : typeof value
}

test('attributes of spans are those of docs/tracing.md', async (t) => {
  const redis = await startRedis(t)
  await redis.command('SELECT', 13)
  await redis.command('HSET', 'RLW:WAF', '__', '{"query":["attack"]}')
  const asked = Promise.withResolvers<void>()
  const origin = await startOrigin(t, ({ target }, connection) => {
    if (target === '/never') asked.resolve()
    else connection.write('HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n')
  })
  const targets = ['127.0.0.1:1', origin.url]
  const values = {
    'API:a.example': [['^/', 'all']],
    'API:a.example:all': { methods: { GET: true } },
    'FILES:a.example:/page.txt': { content: 'text' },
    'PROXY:b.example': { targets, lb: 'round_robin' }
  }
  const { port, finish, line } = await startTraced(t, values, { redis: { port: redis.port } })
  const headers = { 'user-agent': 'me' }
  for (const path of ['/page.txt', '/?attack']) await ask(port, path, headers)
  for (let time = 0; time < 2; time++) await ask(port, '/', { host: 'b.example' })
  const client = openRaw(port)
  client.write('GET /never HTTP/1.1\r\nHost: b.example\r\n\r\n')
  await asked.promise
  client.destroy()
  await line({ msg: 'request', aborted: true })
  const spans = await finish()
  t.strictSame(recorded(spans, 2), documented('server'))
  t.strictSame(recorded(spans, 3), documented('client'))
})
