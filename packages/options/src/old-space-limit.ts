import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

const MEBIBYTE = 2 ** 20
/**
 * How V8 divides the heap by default: for every 32 bytes of old space 3 bytes of young space, at most 192 MiB; less in
 * a small heap (Heap::YoungGenerationSizeFromOldGenerationSize).
 */
const YOUNG_PART = 3 / 32
const YOUNG_PART_OF_SMALL = 3 / 256
const MOST_YOUNG = 192 * MEBIBYTE
const SMALL = 259 * MEBIBYTE

/**
 * Bytes that long-lived objects may take before V8 ends the process. Node has no function for this: `heap_size_limit`
 * includes the young space, and is 256 MiB for a process with `--max-old-space-size=64`. So the options take
 * precedence.
 *
 * @param options Node's options, in order of increasing precedence
 * @param heapSizeLimit `heap_size_limit` of V8, in bytes
 * @param memory the bytes that percentages refer to
 */
export function oldSpaceLimit(
  options = [process.env['NODE_OPTIONS'] ?? '', ...process.execArgv].join(' '),
  heapSizeLimit = getHeapStatistics().heap_size_limit,
  memory = availableMemory()
): number {
  const percentage = lastValue(options, 'max-old-space-size-percentage')
  if (percentage > 0) return (percentage / 100) * memory
  const size = lastValue(options, 'max-old-space-size')
  if (size > 0) return size * MEBIBYTE
  const semiSpace = lastValue(options, 'max-semi-space-size')
  if (semiSpace > 0) return heapSizeLimit - 3 * semiSpace * MEBIBYTE
  if (heapSizeLimit <= SMALL) return heapSizeLimit / (1 + YOUNG_PART_OF_SMALL)
  return Math.max(heapSizeLimit / (1 + YOUNG_PART), heapSizeLimit - MOST_YOUNG)
}

/** The numeric value of an option, from its last occurrence; 0 without one. */
function lastValue(options: string, name: string): number {
  const spelling = name.replaceAll('-', '[-_]')
  const values = options.matchAll(
    new RegExp(`(?<!\\S)--${spelling}=(\\d+(?:\\.\\d+)?)(?!\\S)`, 'g')
  )
  return Number([...values].at(-1)?.[1] ?? 0)
}

/**
 * The memory that a process may use, in bytes, by Node's own rule: the limit of its control group, or else the memory
 * of the machine.
 */
function availableMemory(): number {
  const [total, constrained] = [totalmem(), process.constrainedMemory()]
  return constrained > 0 ? Math.min(total, constrained) : total
}
