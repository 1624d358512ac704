/** A process beside the test: see processes.test.ts. */

import { openStore } from '../src/index.ts'

interface Order {
  set?: [key: string, value: string]
  count?: [key: string, times: number]
  publish?: [channel: string, message: string]
  storm?: string
  churn?: number
}

const [, , dir = ''] = process.argv
const { driver } = await openStore({ dir })

process.on('message', (order: Order) => void obey(order))
process.send?.('ready')

async function obey({ set, count, publish, storm, churn }: Order): Promise<void> {
  if (set) await driver.write([{ op: 'set', key: set[0], value: set[1] }])
  if (count) {
    const one = { key: count[0], field: 'n', by: 1 }
    await Promise.all(Array.from({ length: count[1] }, () => driver.increment([one])))
  }
  if (publish) await driver.publish(...publish)
  if (churn) {
    for (let n = 0; n < churn; n++) {
      await driver.write([{ op: 'set', key: 'RLW:DATA:churn:x', value: `${n}` }])
    }
  }
  if (storm) for (;;) await driver.write([{ op: 'set', key: storm, value: 'x'.repeat(100_000) }])
  process.send?.('done')
}
