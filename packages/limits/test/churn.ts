import { setImmediate } from 'node:timers/promises'
import { readHeap } from '../src/pressure/heap.ts'

/** Makes objects of which some live long enough for V8 to enlarge the space of young ones, until it is done. */
export async function churn(isDone: () => boolean): Promise<void> {
  const recent: unknown[][] = []
  while (!isDone()) {
    recent.push(Array.from({ length: 10_000 }, (_, at) => ({ at, more: [at] })))
    if (recent.length > 20) recent.splice(0, 10)
    await setImmediate()
  }
}

/**
 * The size of the young space after 300 turns, in bytes; at the latest after 600 when it is larger than `small` by then:
 * V8 holds more pages for a moment, but a space that may grow doubles and stays large.
 */
export async function youngAfterChurn(small: number): Promise<number> {
  let count = 0
  await churn(() => count++ > 300 && (readHeap().young <= small || count > 600))
  return readHeap().young
}
