import { Agent, request } from 'node:http'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { startRedis } from '@reliw/testing'
import t from 'tap'
import { startServer } from './start-server.ts'

const TIMES = 20_000
const AT_ONCE = 16

t.test('all paths of a stored entry share one counter in Redis', async (t) => {
  const redis = await startRedis(t)
  const { port } = await startServer(
    t,
    {
      'API:a.example': [['^/', 'all']],
      'API:a.example:all': {
        methods: { GET: true },
        rate_limit: { GET: { limit: 50, period: 3600 } }
      }
    },
    { redis: { port: redis.port, db: 0, timeout: '5s' } }
  )
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  t.teardown(() => agent.destroy())
  const statuses = new Map<number, number>()
  let next = 0
  const client = async (): Promise<void> => {
    while (next < TIMES) {
      const path = `/missing/${next++}`
      const asking = request({ port, path, agent, headers: { host: 'a.example' } }).end()
      const [response] = (await once(asking, 'response')) as [IncomingMessage]
      response.resume()
      await once(response, 'end')
      const { statusCode = 0 } = response
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, client))
  const told = JSON.stringify([...statuses])
  // A busy machine may be overloaded now and then, which is another refusal.
  t.ok((statuses.get(429) ?? 0) > 0, told)
  // So may Redis be slow to answer: such a process counts by itself, with a budget of its own.
  t.ok((statuses.get(404) ?? 0) <= 100, told)
  t.notOk(statuses.has(200), told)
  const names = (await redis.command('KEYS', 'RLW:LIMITS:*')) as string[]
  t.equal(names.length, 1, names.slice(0, 5).join(' '))
})
