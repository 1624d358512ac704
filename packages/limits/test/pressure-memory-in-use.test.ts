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

t.test(
  'memory of native code that stays for half a minute of refusing is no reason to refuse',
  async (t) => {
    collect()
    const inUse = new MemoryInUse(START)
    const resident = START + 500 * MIB
    for (let now = 0; now < 60_000; now += 3000) inUse.measure(resident, false, now)
    t.ok(inUse.of(resident) > resident - NOISE, 'not while requests are let in')
    for (let now = 60_000; now < 90_000; now += 3000) inUse.measure(resident, true, now)
    t.ok(inUse.of(resident) > resident - NOISE, 'not before')
    inUse.measure(resident, true, 90_000)
    t.ok(inUse.of(resident) < START + NOISE)
    t.ok(inUse.of(resident + 200 * MIB) > START + 200 * MIB - NOISE, 'what comes on top counts')
    inUse.measure(resident + 200 * MIB, true, 93_000)
    const then = inUse.of(resident + 200 * MIB)
    t.ok(then > START + 200 * MIB - NOISE, 'after another look, too')
  }
)

t.test('memory of native code that grows is in use for as long as it does', async (t) => {
  collect()
  const inUse = new MemoryInUse(START)
  let resident = START
  for (let now = 0; now < 120_000; now += 3000) inUse.measure((resident += 10 * MIB), true, now)
  t.ok(inUse.of(resident) > resident - NOISE)
})
