import { createHook } from 'node:async_hooks'
import type { TestContext } from '@reliw/testing'

/** Counts, until the test ends, the hashes of passwords that node computes. */
export function countHashes(t: TestContext): () => number {
  let hashes = 0
  const hook = createHook({
    init(_id, type) {
      if (type === 'ARGON2REQUEST') hashes++
    }
  })
  hook.enable()
  t.teardown(() => void hook.disable())
  return () => hashes
}
