import { calmRequest, calmValues, type Attack } from '../attack.ts'
import { flood, missingPaths } from '../flood.ts'

const HOST = 'missing.test'
/** So many once filled a container of 256 MB. */
const PATHS = 60_000

/** What is not there is remembered, too. */
export const missingPathsFlood: Attack = {
  name: 'missing-paths',
  does: 'one client asks for 60,000 different paths that are not there',
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
        const answers = await flood(served.port, HOST, missingPaths(PATHS))
        const other = [...answers].filter(([status]) => status !== 404)
        return other.length === 0 ? [] : [`answers other than 404: ${JSON.stringify(other)}`]
      }
    }
  }
}
