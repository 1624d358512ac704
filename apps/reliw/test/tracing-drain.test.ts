import { openRaw, startOrigin, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { createWorkplace } from './cli/run-cli.ts'
import { ask } from './cli/serving.ts'
import { startCollector } from './tracing-collector.ts'
import { startTraced } from './tracing-server.ts'

const SITE = {
  'API:a.example': [['^/', 'all']],
  'API:a.example:all': { methods: { GET: true } },
  'FILES:a.example:/page.txt': { content: 'a file' }
}

test('a collector that never responds delays no request', async (t) => {
  const { app, port, collector } = await startTraced(t, SITE, { tracing: { timeout: '4s' } })
  collector.status = undefined
  await ask(port, '/page.txt')
  await waitFor(() => collector.exports.length === 1, 'an export')
  t.equal((await ask(port, '/page.txt')).status, 200)
  await app.close()
  t.equal(collector.exports.length, 2)
  for (const { socket } of collector.exports) t.notOk(socket.destroyed, 'it is still waited for')
})

test('closing exports recorded spans, also those of aborted requests', async (t) => {
  const asked = Promise.withResolvers<void>()
  const origin = await startOrigin(t, () => asked.resolve())
  const values = { ...SITE, 'PROXY:slow.example': { target: origin.url } }
  const { app, port, finish } = await startTraced(t, values)
  for (let request = 0; request < 3; request++) await ask(port, '/page.txt')
  const client = openRaw(port)
  client.write('GET / HTTP/1.1\r\nHost: slow.example\r\n\r\n')
  await asked.promise
  const finished = finish()
  app.listeners.closeAllConnections()
  const names = (await finished).map(({ name }) => name).toSorted()
  t.strictSame(names, ['GET', 'GET file', 'GET file', 'GET file', 'GET upstream'])
})

test('a process that receives SIGTERM exports its recorded spans', async (t) => {
  const { endpoint, spans } = await startCollector(t)
  const tracing = { endpoint, sample_ratio: 1 }
  const { serve } = createWorkplace(t, { tracing, metrics: { port: 0 } })
  const { port, stop } = await serve()
  t.equal((await ask(port, '/')).status, 404)
  t.equal(await stop(), 0)
  t.match(spans, [{ name: 'GET', attributes: { 'http.response.status_code': 404 } }])
})
