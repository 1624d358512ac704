import { memoryLimit, oldSpaceLimit } from '@reliw/options'

/** Upper bound in bytes; more than most sites need. */
const MOST = 128 * 2 ** 20

/**
 * Default bound of the cache, in bytes. Cached values other than bodies are in the heap, next to the memory that the
 * process itself needs, about 100 MiB in a container of 256 MiB.
 *
 * @param heap bytes available to long-lived objects
 * @param memory bytes available to the process
 */
export function defaultMemory(heap = oldSpaceLimit(), memory = memoryLimit()): number {
  return Math.floor(Math.min(MOST, heap / 4, memory / 8))
}
