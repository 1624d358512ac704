import { startRedis } from '@reliw/testing'
import { calmRequest, calmValues, type Attack } from '../attack.ts'
import { flood, missingPaths } from '../flood.ts'
import { growth, sizeOf } from '../store-size.ts'

const HOST = 'rates.test'
const PATHS = 200_000

/** A key of the store for each path that a client thinks of. */
export const rateKeys: Attack = {
  name: 'rate-keys',
  does: 'one client asks for 200,000 different paths of an entry with a rate',
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
        const before = await sizeOf(redis)
        const answers = await flood(served.port, HOST, missingPaths(PATHS))
        const found = growth(before, await sizeOf(redis))
        if (!answers.has(429)) found.push('nothing was refused')
        return found
      }
    }
  }
}
