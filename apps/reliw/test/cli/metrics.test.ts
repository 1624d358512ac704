import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { portOf, respond, startOrigin, waitFor } from '@reliw/testing'
import t from 'tap'
import type { Config } from '../../src/index.ts'
import { createWorkplace, type Served, type Workplace } from './run-cli.ts'
import { addSite, ask } from './serving.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 20 })
t.teardown(() => agent.destroy())

/** A server with a site, and where its metrics are. */
async function start(
  t: Parameters<typeof createWorkplace>[0],
  config: Config = {}
): Promise<{ place: Workplace; server: Served; url: string }> {
  const place = createWorkplace(t, config)
  await addSite(place)
  await place.reliw('set', 'FILES:a.example:/index.html', 'content', 'hello')
  const server = await place.serve()
  const { metrics } = await server.line({ msg: 'started' })
  return { place, server, url: String(metrics) }
}

/** Asks for the page until the server answers no more; returns how often it has answered. */
async function askOften(port: number, times: number): Promise<number> {
  let answered = 0
  const askOnce = async (): Promise<void> => {
    const client = get({ port, agent, headers: { host: 'a.example' } })
    const [response] = (await once(client, 'response')) as [IncomingMessage]
    await text(response)
    answered++
  }
  await Promise.all(Array.from({ length: times }, () => askOnce().catch(() => undefined)))
  return answered
}

async function counted(place: Workplace): Promise<number> {
  const counts = JSON.parse(await place.reliw('get', 'METRICS:a.example:total')) as object
  return Number(Object.entries(counts).find(([code]) => code === '200')?.[1] ?? 0)
}

t.test('a server that receives SIGTERM loses no count', async (t) => {
  const { place, server } = await start(t)
  const answered = askOften(server.port, 2000)
  await waitFor(() => server.log.filter(({ status }) => status === 200).length > 100, 'requests')
  t.equal(await server.stop('SIGTERM'), 0)
  const expected = await answered
  t.ok(expected > 100)
  t.equal(await counted(place), expected)
})

t.test('a killed server loses only the counts since the last flush', async (t) => {
  const { place, server, url } = await start(t)
  t.equal(await askOften(server.port, 500), 500)
  await waitFor(async () => {
    const scraped = await (await fetch(`${url}/metrics`)).text()
    return scraped.includes('http_requests_total{host="a.example",code="200"} 500\n')
  }, 'the flush')
  await askOften(server.port, 5)
  await server.stop('SIGKILL')
  const found = await counted(place)
  t.ok(found >= 500 && found <= 505, `${found}`)
})

t.test('a draining server reports that it is not ready', async (t) => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const origin = await startOrigin(t, async (request, connection) => {
    await begun
    await respond('slow')(request, connection)
  })
  const { place, server, url } = await start(t)
  await place.reliw('set', 'PROXY:slow.example', JSON.stringify({ target: origin.url }))
  t.equal((await fetch(`${url}/readyz`)).status, 200)
  const answer = ask(server.port, '/', { host: 'slow.example' })
  await waitFor(() => origin.requests.length === 1, 'the request')
  const exit = server.stop('SIGTERM')
  await server.line({ msg: 'draining' })
  const ready = await fetch(`${url}/readyz`)
  t.equal(ready.status, 503)
  t.match(await ready.json(), { reason: 'draining' })
  t.equal((await fetch(`${url}/livez`)).status, 200)
  begin()
  t.match(await answer, { status: 200 })
  t.equal(await exit, 0)
})

t.test('a configured metrics address that is in use is an error', async (t) => {
  const other = createServer()
  t.teardown(() => other.close())
  await once(other.listen(0, '127.0.0.1'), 'listening')
  const place = createWorkplace(t, { metrics: { port: portOf(other) } })
  const { code, stderr } = await place.runAlone(['serve'])
  t.equal(code, 1)
  t.match(stderr, /^Cannot open the metrics listener: .*EADDRINUSE.*--metrics-port/)
})

t.test('--metrics-port takes precedence over the config', async (t) => {
  const place = createWorkplace(t, { metrics: { port: 1, disabled: false } })
  const child = place.spawn(['serve', '--metrics-port', '0'])
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await waitFor(() => output.includes('"metrics":"http://127.0.0.1:'), 'the listener')
})

t.test('without metrics nothing listens and nothing is counted', async (t) => {
  const { place, server } = await start(t, { metrics: { disabled: true } })
  t.notOk((await server.line({ msg: 'started' }))['metrics'])
  t.match(await ask(server.port, '/'), { status: 200 })
  t.equal(await server.stop(), 0)
  t.equal(await place.reliw('keys', 'METRICS:'), '')
})
