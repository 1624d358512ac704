import t from 'tap'
import { MemoryInUse } from '../src/pressure/memory-in-use.ts'
import { ProcessMemory } from '../src/pressure/process-memory.ts'
import { Relief } from '../src/pressure/relief.ts'

t.test('a process with little memory left keeps its caches', async (t) => {
  const memory = new ProcessMemory()
  t.teardown(() => memory.close())
  let count = 0
  const relief = new Relief(() => count++, memory, new MemoryInUse(memory.read()))
  for (let look = 0; look < 20; look++) await relief.act(false)
  t.equal(count, 1)
})
