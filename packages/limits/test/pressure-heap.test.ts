import { getHeapStatistics } from 'node:v8'
import t from 'tap'
import { readHeap } from '../src/pressure/heap.ts'

const MIB = 2 ** 20

t.test('long-lived objects count', async (t) => {
  const before = readHeap().old
  const kept: number[][] = []
  // A thousand are more than the space of young objects can hold.
  while (readHeap().old < before + 8 * MIB && kept.length < 1_000) {
    kept.push(Array.from({ length: 50_000 }, (_, i) => i + 0.5))
  }
  t.ok(readHeap().old >= before + 8 * MIB, `${kept.length} arrays`)
  t.ok(readHeap().old <= getHeapStatistics().used_heap_size)
})
