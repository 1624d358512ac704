import { calmRequest, calmValues, type Attack } from '../attack.ts'
import { flood, missingPaths, unexpected } from '../flood.ts'

const HOST = 'missing.test'
/** 58,703 of them once filled a container of 256 MB. */
const PATHS = 200_000

/** What is not there is remembered, too. */
export const missingPathsFlood: Attack = {
  name: 'missing-paths',
  does: 'one client requests 200,000 different missing paths',
  async prepare() {
    const values = {
      ...calmValues,
      [`API:${HOST}`]: [['^/', 'all']],
      [`API:${HOST}:all`]: { methods: { GET: true }, try_extensions: ['.md', '.html'] }
    }
    return {
      serve: { values },
      honest: [calmRequest],
      async run({ served }) {
        const responses = await flood(served.port, HOST, missingPaths(PATHS))
        return unexpected(responses, 404)
      }
    }
  }
}
