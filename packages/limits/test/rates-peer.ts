/** A server that shares budgets with others, and is its own client: see rates-processes.test.ts. */

import { Agent, request } from 'node:http'
import { Entry } from '@reliw/model'
import { openStore } from '@reliw/store'
import { HUNG_AFTER, portOf, waitFor } from '@reliw/testing'
import Fastify from 'fastify'
import { limits } from '../src/index.ts'
import type { Asked, Order } from './rates-processes.test.ts'

const AT_ONCE = 10

const store = await openStore(JSON.parse(process.argv[2] ?? '{}'))
await store.ready(HUNG_AFTER)
const app = Fastify()
await app.register(limits, {
  store,
  rate_limits: [
    { name: 'steady', limit: 20, period: '1d', algorithm: 'gcra', methods: ['POST'] },
    { name: 'window', limit: 20, period: '1000d', methods: ['PUT'] }
  ]
})
const rate_limit = { GET: { limit: 20, period: 86_400 } }
const entry = Entry.parse({ methods: { GET: true }, rate_limit })
app.all('/*', async (request, reply) => {
  await app.limit(request, reply, entry)
  return 'served'
})
await app.listen({ port: 0, host: '127.0.0.1' })
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })

process.on('message', (order: Order) => void obey(order))
process.send?.('ready')

/** Waits until the store counts: after it was late it is not asked for a while. */
async function share(): Promise<void> {
  await waitFor(async () => {
    await sendOne({ method: 'GET', host: 'other.example' })
    return app.limits.limiter.isShared
  }, 'the store to count')
}

/** Asks so many times, and tells how often it was let in, and how often the store was too late. */
async function obey(order: Order): Promise<void> {
  await store.driver.write([{ op: 'set', key: store.keys.routes(order.host), value: '[]' }])
  await share()
  const before = app.limits.limiter.fallbacks
  const statuses = await Promise.all(Array.from({ length: order.times }, () => sendOne(order)))
  const asked: Asked = {
    served: statuses.filter((status) => status === 200).length,
    refused: statuses.filter((status) => status === 429).length,
    late: app.limits.limiter.fallbacks - before
  }
  process.send?.(asked)
}

async function sendOne({ method, host }: Omit<Order, 'times'>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { port: portOf(app.server), method, path: '/page', headers: { host }, agent }
    request(options, (response) => {
      response.resume().once('end', () => resolve(response.statusCode))
    })
      .on('error', reject)
      .end()
  })
}
