/** A process of its own that counts, and tells what it counted when it is asked: see peers.test.ts. */

import { portOf } from '@reliw/testing'
import Fastify from 'fastify'
import { metrics } from '../src/index.ts'

const app = Fastify()
await app.register(metrics, { is_site: () => true, version: '1' })
app.get('/', async () => 'served')
await app.listen({ port: 0, host: '127.0.0.1' })

process.on('message', () => {
  void app.metrics.snapshot().then((snapshot) => process.send?.({ snapshot }))
})
process.once('disconnect', () => void app.close())
process.send?.({ port: portOf(app.server) })
