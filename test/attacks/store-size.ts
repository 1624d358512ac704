import type { RedisServer } from '@reliw/testing'

/** What is in the store. */
export interface StoreSize {
  readonly keys: number
  /** In bytes, as Redis tells it. */
  readonly memory: number
}

/** What bounded tables may add to it. */
const MOST_KEYS = 5000
const MOST_MEMORY = 16 * 1024 * 1024

export async function sizeOf(redis: RedisServer): Promise<StoreSize> {
  const keyspace = await redis.command('INFO', 'keyspace')
  const memory = await redis.command('INFO', 'memory')
  return { keys: numberIn(keyspace, /keys=(\d+)/), memory: numberIn(memory, /used_memory:(\d+)/) }
}

/** What is wrong with it; empty when it grew by no more than a bounded table may hold. */
export function growth(before: StoreSize, after: StoreSize): string[] {
  const keys = after.keys - before.keys
  const memory = after.memory - before.memory
  const found = `the store has ${keys} keys and ${Math.round(memory / 1024)} KiB more`
  process.stderr.write(`  ${found}\n`)
  return keys > MOST_KEYS || memory > MOST_MEMORY ? [found] : []
}

function numberIn(info: unknown, pattern: RegExp): number {
  return Number(pattern.exec(String(info))?.[1] ?? 0)
}
