/** Opens a store as another user, and sends what was said of it: `node open-as.ts DIR UID`. */

import { openStore } from '../src/index.ts'

const [dir = '', uid = ''] = process.argv.slice(2)
process.setuid?.(Number(uid))
process.send?.(open(), () => process.kill(process.pid, 'SIGKILL'))

function open(): string {
  try {
    openStore({ dir })
    return 'opened'
  } catch (error) {
    return (error as Error).message
  }
}
