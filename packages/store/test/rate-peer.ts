/** A process that shares budgets with others: see rate-processes.test.ts. */

import type { Take } from '@reliw/model'
import { HUNG_AFTER } from '@reliw/testing'
import { openStore } from '../src/index.ts'

interface Order {
  take: Take
  times: number
}

const store = await openStore(JSON.parse(process.argv[2] ?? '{}'))

process.on('message', (order: Order) => void obey(order))
void store.ready(HUNG_AFTER).then(() => process.send?.('ready'))

/** Takes so many times, ten at once, and tells how many were allowed. */
async function obey({ take, times }: Order): Promise<void> {
  let allowed = 0
  const takeOften = async (): Promise<void> => {
    for (let n = 0; n < times / 10; n++) {
      const [taken] = await store.driver.take([take])
      if (taken?.allowed) allowed++
    }
  }
  await Promise.all(Array.from({ length: 10 }, takeOften))
  process.send?.(allowed)
}
