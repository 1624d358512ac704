import { respond, rawRequest, startOrigin, startRedis } from '@reliw/testing'
import t, { type Test } from 'tap'
import type { Config } from '../src/index.ts'
import { PASSWORD, protectedSite, startProtected } from './protected-site.ts'
import { type Server, startServer } from './start-server.ts'

/** Metrics without a port of their own that others may have. */
const CONFIG: Config = { metrics: { port: 0 } }

/** Values of series, by name and labels. */
type Series = ReadonlyMap<string, number>

/** Opens the listener; returns how to ask it. */
async function scraperOf({ app }: Server): Promise<() => Promise<Series>> {
  const url = await app.metrics.listen()
  return async () => {
    const text = await (await fetch(`${url}/metrics`)).text()
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    return new Map(
      lines.map((line) => {
        const at = line.lastIndexOf(' ')
        return [line.slice(0, at), Number(line.slice(at + 1))]
      })
    )
  }
}

async function send(server: Server, host: string, path = '/', method = 'GET'): Promise<string> {
  const head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
  return rawRequest(server.port, head)
}

/** How many requests of a host there were with these labels. */
function count(host: string, labels: string): string {
  return `reliw_request_duration_seconds_count{host="${host}",${labels}}`
}

/** Series that all servers share. */
function ofFleet(name: string): boolean {
  return name.startsWith('http_requests')
}

function has(t: Test, series: Series, name: string, value = 1): void {
  t.equal(series.get(name), value, name)
}

t.test('responses, refusals and their reasons are counted by site', async (t) => {
  const origin = await startOrigin(t, respond('of the origin'))
  const gone = 'http://127.0.0.1:1'
  const server = await startServer(
    t,
    {
      'API:a.example': [
        ['^/api', 'api'],
        ['^/few', 'few'],
        ['^/', 'all']
      ],
      'API:a.example:all': { methods: { GET: true } },
      'API:a.example:api': { methods: { GET: true }, proxy: { target: origin.url } },
      'API:a.example:few': {
        methods: { GET: true },
        rate_limit: { GET: { limit: 0, period: 60 } }
      },
      'FILES:a.example:/x.txt': { content: 'a file' },
      'FILES:a.example:/page.md': { content: '# A page' },
      'PROXY:gone.example': { target: gone, retry: false },
      WAF: { __: '{"query":["evil"]}', 'a.example': '{"query":["wicked"]}' },
      'BANS:192.0.2.1': { reason: 'a test' }
    },
    CONFIG
  )
  const scrape = await scraperOf(server)
  for (const path of ['/x.txt', '/page.md', '/api', '/few', '/none', '/?evil', '/?wicked'])
    await send(server, 'a.example', path)
  await send(server, 'a.example', '/x.txt', 'POST')
  await send(server, 'gone.example')
  await send(server, 'nobody.example')
  await send(server, 'no host at all')
  await send(server, 'a.example', '/%zz')
  const series = await scrape()
  has(t, series, count('a.example', 'method="GET",class="2xx",kind="file"'))
  has(t, series, count('a.example', 'method="GET",class="2xx",kind="page"'))
  has(t, series, count('a.example', 'method="GET",class="2xx",kind="upstream"'))
  has(t, series, count('a.example', 'method="POST",class="4xx",kind="file"'))
  has(t, series, count('gone.example', 'method="GET",class="5xx",kind="upstream"'))
  has(t, series, count('unknown', 'method="GET",class="4xx",kind="none"'), 2)
  await server.line({ path: '/%zz', vhost: 'a.example', status: 400 })
  t.ok(Number.isInteger(series.get('reliw_response_body_bytes_total{host="unknown"}')))
  has(t, series, 'reliw_waf_verdicts_total{host="a.example",rule_set="all",action="block"}')
  has(t, series, 'reliw_waf_verdicts_total{host="a.example",rule_set="host",action="block"}')
  has(t, series, 'reliw_limits_exceeded_total{host="a.example",policy="GET"}')
  has(t, series, 'reliw_upstream_requests_total{upstream="a.example:api",result="answered"}')
  has(t, series, 'reliw_upstream_requests_total{upstream="gone.example",result="failed"}')
  has(
    t,
    series,
    `reliw_upstream_origin_up{upstream="a.example:api",origin="${origin.url.slice(7)}"}`
  )
  has(t, series, 'reliw_upstream_circuit_state{upstream="gone.example"}', 0)
  has(t, series, 'reliw_bans')
  has(t, series, 'reliw_pressure_level', 0)
  has(t, series, 'reliw_store_up')
  has(t, series, 'reliw_requests_in_flight', 0)
  has(t, series, 'reliw_metrics_failures_total', 0)
  t.ok((series.get('reliw_waf_examination_duration_seconds_count') ?? 0) > 1)
  t.ok((series.get('reliw_store_hits_total') ?? 0) > 0)
  t.ok((series.get('process_resident_memory_bytes') ?? 0) > 0)
})

t.test('logins and failed logins are counted', async (t) => {
  const server = await startProtected(t, {}, await protectedSite({}), CONFIG)
  const scrape = await scraperOf(server)
  await server.logIn('ada')
  const basic = Buffer.from(`ada:not ${PASSWORD}`).toString('base64')
  await server.send('POST', '/login', `Authorization: Basic ${basic}`, 'Content-Length: 0')
  const series = await scrape()
  has(t, series, 'reliw_auth_logins_total{host="127.0.0.1",way="password"}')
  t.ok([...series.keys()].some((name) => name.startsWith('reliw_auth_failures_total{')))
})

t.test('ten thousand unknown hosts add no series', async (t) => {
  const redis = await startRedis(t)
  const server = await startServer(
    t,
    {
      'API:a.example': [['^/', 'all']],
      'API:a.example:all': { methods: { GET: true } },
      'FILES:a.example:/x': { content: 'x' }
    },
    { ...CONFIG, redis: { host: redis.host, port: redis.port } }
  )
  const scrape = await scraperOf(server)
  await send(server, 'a.example', '/x')
  await send(server, 'nobody.example')
  const before = [...(await scrape()).keys()].filter((name) => name.includes('host='))
  const heads = Array.from(
    { length: 10_000 },
    (_, at) => `GET /${at} HTTP/1.1\r\nHost: ${at.toString(36)}-${at}.example\r\n`
  )
  for (let at = 0; at < heads.length; at += 250) {
    const last = `${heads[at]}Connection: close\r\n\r\n`
    await rawRequest(server.port, `${heads.slice(at + 1, at + 250).join('\r\n')}\r\n${last}`)
  }
  const series = await scrape()
  const counted = series.get(
    'reliw_request_duration_seconds_count{host="unknown",method="GET",class="4xx",kind="none"}'
  )
  t.equal(counted, 10_001)
  const after = [...series.keys()].filter((name) => name.includes('host='))
  t.strictSame(
    after.filter((name) => !ofFleet(name)),
    before.filter((name) => !ofFleet(name))
  )
  await server.app.close()
  await redis.command('SELECT', 13)
  const keys = (await redis.command('KEYS', 'RLW:METRICS:*')) as string[]
  const hosts = new Set(keys.map((key) => key.split(':')[2]))
  t.strictSame(hosts, new Set(['a.example', 'unknown']))
})
