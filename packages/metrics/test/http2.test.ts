import { openHttp2, portOf, waitFor } from '@reliw/testing'
import Fastify from 'fastify'
import t from 'tap'
import { metrics } from '../src/index.ts'
import { scrapeOf } from './metered-app.ts'

const COUNT = 'reliw_request_duration_seconds_count'

t.test('requests of HTTP/2 are counted for the host that :authority names', async (t) => {
  const app = Fastify({ http2: true })
  t.teardown(() => app.close())
  await app.register(metrics, { port: 0, is_site: () => true })
  app.get('/*', async () => 'served')
  await app.listen({ host: '127.0.0.1', port: 0 })
  const url = (await app.metrics.listen()) ?? ''
  const send = openHttp2(t, portOf(app.server))
  t.match(await send({ ':authority': 'A.example:8443', ':path': '/' }), { status: 200 })
  t.match(await send({ ':authority': 'a.example', host: 'b.example', ':path': '/' }), {
    status: 200
  })
  const read = await waitFor(async () => {
    const found = await scrapeOf(url)
    return found.value(COUNT) === 2 && found
  }, 'both to be counted')
  t.equal(read.value(COUNT, { host: 'a.example' }), 1)
  t.equal(
    read.value(COUNT, { host: 'b.example' }),
    undefined,
    'a request that names two is for neither'
  )
})
