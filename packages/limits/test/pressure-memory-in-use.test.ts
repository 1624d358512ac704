import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { MemoryInUse } from '../src/pressure/memory-in-use.ts'

const MIB = 2 ** 20
/** What garbage and a heap that grows may make of a number. */
const NOISE = 16 * MIB
/** Resident at the start; any number does, as only what comes later is told apart. */
const START = 200 * MIB

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** Twice: what the first finds of buffers is freed at the latest by the second. */
function collect(): void {
  gc()
  gc()
}

t.test('memory of native code is in use, also after a collection', async (t) => {
  collect()
  const inUse = new MemoryInUse(START)
  inUse.measure(START + 500 * MIB)
  t.ok(inUse.of(START + 500 * MIB) > START + 500 * MIB - NOISE)
})

t.test('memory that JavaScript has freed is not in use, though it is resident', async (t) => {
  collect()
  const inUse = new MemoryInUse(START)
  const kept = [Buffer.alloc(300 * MIB)]
  t.equal(inUse.of(START + 300 * MIB), START + 300 * MIB)
  kept.length = 0
  collect()
  inUse.measure(START + 300 * MIB)
  t.ok(inUse.of(START + 300 * MIB) < START + NOISE)
  inUse.measure(START + 800 * MIB)
  const now = inUse.of(START + 800 * MIB)
  t.ok(Math.abs(now - START - 500 * MIB) < NOISE, 'no more than was freed is left out')
})
