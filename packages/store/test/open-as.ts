/** Opens a store as another user, and sends what was said of it: `node open-as.ts DIR UID`. */

import { openStore } from '../src/index.ts'

const [dir = '', uid = ''] = process.argv.slice(2)
// Loaded before: the other user may not be let into the folder of the sources.
await import('../src/embedded/driver.ts')
process.setuid?.(Number(uid))
process.send?.(await open(), () => process.kill(process.pid, 'SIGKILL'))

async function open(): Promise<string> {
  try {
    await openStore({ dir })
    return 'opened'
  } catch (error) {
    return (error as Error).message
  }
}
