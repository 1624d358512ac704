import { MAX_SEMI_SPACE } from '@reliw/options'
import t from 'tap'
import { readHeap } from '../src/pressure/heap.ts'
import { MemoryInUse } from '../src/pressure/memory-in-use.ts'
import { ProcessMemory } from '../src/pressure/process-memory.ts'
import { Relief } from '../src/pressure/relief.ts'
import { YoungSpace } from '../src/pressure/young-space.ts'
import { churn, youngAfterChurn } from './churn.ts'
import { startPressureProcess } from './pressure-process.ts'

const MIB = 2 ** 20
/** An old space that a young space at its maximum crowds, in MiB: V8 takes long to reach the maximum itself. */
const OLD_SPACE = MAX_SEMI_SPACE === 64 * MIB ? 130 : 70
const QUIET = { max_event_loop_delay: 0 }

t.test(
  'a young space that crowds the old one shrinks, and grows again when there is room',
  async (t) => {
    const memory = new ProcessMemory()
    t.teardown(() => memory.close())
    const relief = new Relief(
      () => t.fail('nothing is to be given back'),
      memory,
      new MemoryInUse()
    )
    const young = new YoungSpace(1024 * MIB)
    await churn(() => readHeap().young >= 32 * MIB)
    t.equal(young.isCrowding({ old: 900 * MIB, young: 124 * MIB }), false)
    t.equal(young.isCrowding({ old: 901 * MIB, young: 124 * MIB }), true)
    await relief.collect()
    const afterChurn = await youngAfterChurn(8 * MIB)
    t.ok(afterChurn <= 8 * MIB, `${afterChurn / MIB} MiB`)
    t.equal(young.isCrowding({ old: 780 * MIB, young: 2 * MIB }), false)
    t.ok((await youngAfterChurn(8 * MIB)) <= 8 * MIB, 'a little room is not enough')
    t.equal(young.isCrowding({ old: 600 * MIB, young: 2 * MIB }), false)
    await churn(() => readHeap().young >= 32 * MIB)
  }
)

t.test('a process with a small heap does so by itself', async (t) => {
  const process = await startPressureProcess(t, QUIET, [`--max-old-space-size=${OLD_SPACE}`])
  process.send('grow young space')
  t.ok(await process.until({ young: 'small' }))
})
