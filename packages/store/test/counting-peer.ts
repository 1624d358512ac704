/** A process that counts: see counters-processes.test.ts. */

import { writeSync } from 'node:fs'
import { openStore } from '../src/index.ts'

const [, , options = '{}', key = ''] = process.argv
const store = await openStore({ ...JSON.parse(options), flush_interval: '20ms' })
let total = 0
let waiting = 0

store.counters.addSource((add) => {
  if (waiting === 0) return
  writeSync(1, `${total}\n`)
  add(key, 'n', waiting)
  waiting = 0
})

const timer = setInterval(() => {
  total++
  waiting++
}, 1)

process.on('message', () => void end())

async function end(): Promise<void> {
  clearInterval(timer)
  await store.close()
  process.disconnect()
}
