import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRaw, startOrigin, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { ask } from './cli/serving.ts'
import { startGuarded } from './waf-site.ts'

const DOCUMENT = join(import.meta.dirname, '../../../docs/logs.md')
const HOST = 'a.example'
const KEY = `rlw_${'k'.repeat(43)}`
const TRACE = '0af7651916cd43dd8448eb211c80319c'

/** The fields of access lines as they are documented, with their types, but for headers. */
function documentedFields(): Map<string, string> {
  const [, section = ''] = readFileSync(DOCUMENT, 'utf8').split('\n## Requests\n')
  const [table = ''] = section.split('\n## ')
  const rows = table.matchAll(/^\| `(\w+)` +\| (\S+)/gm)
  return new Map(Array.from(rows, ([, name = '', type = '']) => [name, type.replaceAll('`', '')]))
}

test('access log fields are those of docs/logs.md', async (t) => {
  const origin = await startOrigin(t, async ({ target }, connection) => {
    if (target !== '/api/never') connection.write('HTTP/1.1 204 No Content\r\n\r\n')
  })
  const server = await startGuarded(
    t,
    { __: { query: ['attack'] } },
    {
      [`API:${HOST}`]: [
        ['^/api', 'api'],
        ['^/', 'all']
      ],
      [`API:${HOST}:all`]: { methods: { GET: true } },
      [`API:${HOST}:api`]: {
        methods: { GET: true },
        auth: { any: ['api_key'] },
        proxy: { target: origin.url }
      },
      [`KEYS:${HOST}`]: { [hash('sha256', KEY, 'hex')]: JSON.stringify({ user: 'a "program"' }) },
      [`FILES:${HOST}:/page.txt`]: { content: 'text' }
    },
    { trusted_proxies: ['127.0.0.1'], log_headers: ['user-agent', 'x-mine', 'x-absent'] }
  )
  const { port, line, log } = server
  const headers = {
    'user-agent': 'me',
    'x-mine': 'yes',
    'x-forwarded-for': '192.0.2.7',
    'x-real-ip': '192.0.2.8',
    traceparent: `00-${TRACE}-b7ad6b7169203331-01`
  }
  t.equal((await ask(port, '/page.txt?q=1', headers)).status, 200)
  t.match(await line({ path: '/page.txt?q=1' }), {
    size: 4,
    client_ip: '192.0.2.7',
    forwarded_for: '192.0.2.7',
    forwarded_real_ip: '192.0.2.8',
    cache: 'miss',
    upstream: undefined,
    user: undefined
  })
  await ask(port, '/page.txt?again')
  t.match(await line({ path: '/page.txt?again' }), { cache: 'hit', forwarded_for: undefined })

  t.equal((await ask(port, '/api/x', { 'x-api-key': KEY })).status, 204)
  t.match(await line({ path: '/api/x' }), {
    user: 'a "program"',
    upstream: new URL(origin.url).host,
    cache: undefined
  })
  t.equal((await ask(port, '/?attack')).status, 403)
  t.match(await line({ msg: 'request', path: '/?attack' }), {
    waf: 'block',
    error: 'RELIW_WAF_BLOCKED'
  })
  const client = openRaw(port)
  client.write(`GET /api/never HTTP/1.1\r\nHost: ${HOST}\r\nX-API-Key: ${KEY}\r\n\r\n`)
  await waitFor(() => origin.requests.length === 2, 'the request')
  client.destroy()
  t.match(await line({ path: '/api/never' }), { aborted: true })

  const types = new Map<string, string>()
  for (const { msg, ...fields } of log) {
    if (msg !== 'request') continue
    for (const [name, value] of Object.entries<unknown>({ ...fields, msg }))
      types.set(name, value === true ? 'true' : typeof value)
  }
  for (const name of ['user-agent', 'x-mine']) t.ok(types.delete(name), name)
  const documented = documentedFields()
  t.strictSame(sorted(types), sorted(documented))
})

function sorted(types: Map<string, string>): [string, string][] {
  return [...types].toSorted(([one], [other]) => one.localeCompare(other))
}
