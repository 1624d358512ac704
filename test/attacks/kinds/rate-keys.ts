import type { Attack } from '../attack.ts'
import { missingPaths } from '../flood.ts'
import { prepareStoreFlood } from '../store-flood.ts'

const HOST = 'rates.test'
const PATHS = 200_000

/** A key of the store for each path that a client thinks of. */
export const rateKeys: Attack = {
  name: 'rate-keys',
  does: 'one client requests 200,000 different paths of a rate-limited entry',
  prepare: (t) =>
    prepareStoreFlood(t, {
      host: HOST,
      values: {
        [`API:${HOST}`]: [['^/', 'all']],
        [`API:${HOST}:all`]: {
          methods: { GET: true },
          rate_limit: { GET: { limit: 1000, period: 3600 } }
        }
      },
      paths: missingPaths(PATHS),
      expected: { 429: 'nothing was refused' }
    })
}
