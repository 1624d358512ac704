import { memoryLimit, oldSpaceLimit } from '@reliw/options'

/** More than most sites have. */
const MOST = 128 * 2 ** 20

/**
 * Bytes that may be kept where nobody says how many. What is kept lies in the heap, but for bodies, and beside
 * what the process itself takes: in a container of 256 MiB some 100.
 *
 * @param heap bytes that long-lived objects may take
 * @param memory bytes that the process may take
 */
export function defaultMemory(heap = oldSpaceLimit(), memory = memoryLimit()): number {
  return Math.floor(Math.min(MOST, heap / 4, memory / 8))
}
