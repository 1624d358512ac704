import { startRedis } from '@reliw/testing'
import { calmRequest, calmValues, type Attack } from '../attack.ts'
import { flood, missingPaths } from '../flood.ts'

const HOST = 'rates.test'
const PATHS = 20_000
/** What a bounded table may hold. */
const MOST_KEYS = 5000

/** A key of the store for each path that a client thinks of. */
export const rateKeys: Attack = {
  name: 'rate-keys',
  does: 'one client asks for 20,000 different paths of an entry with a rate',
  async prepare(t) {
    const redis = await startRedis(t)
    const values = {
      ...calmValues,
      [`API:${HOST}`]: [['^/', 'all']],
      [`API:${HOST}:all`]: {
        methods: { GET: true },
        rate_limit: { GET: { limit: 1000, period: 3600 } }
      }
    }
    const { host, port } = redis.options
    return {
      serve: { values, config: { redis: { host, port } } },
      honest: [calmRequest],
      async run({ served }) {
        const before = await redis.command('INFO', 'keyspace')
        const answers = await flood(served.port, HOST, missingPaths(PATHS))
        const keys = keysIn(await redis.command('INFO', 'keyspace')) - keysIn(before)
        const found = keys > MOST_KEYS ? [`${keys} keys more are in the store`] : []
        if (!answers.has(429)) found.push('nothing was refused')
        return found
      }
    }
  }
}

function keysIn(info: unknown): number {
  return Number(/keys=(\d+)/.exec(String(info))?.[1] ?? 0)
}
