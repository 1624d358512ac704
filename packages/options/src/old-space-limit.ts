import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

const MEBIBYTE = 2 ** 20
/**
 * How V8 divides a heap that no option divides: for every 32 bytes of old objects 3 for young ones,
 * at most 192 MiB; of a small heap less (Heap::YoungGenerationSizeFromOldGenerationSize).
 */
const YOUNG_PART = 3 / 32
const YOUNG_PART_OF_SMALL = 3 / 256
const MOST_YOUNG = 192 * MEBIBYTE
const SMALL = 259 * MEBIBYTE

/**
 * Bytes that long-lived objects may take before V8 ends the process. No function of Node tells:
 * `heap_size_limit` has the space of young objects in it, and of a process with
 * `--max-old-space-size=64` it is 256 MiB. So the options are asked first.
 *
 * @param options of Node, in the order in which they count
 * @param heapSizeLimit as V8 tells it
 * @param memory bytes that percentages are of
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

/** The number given to an option, by the last that names it; 0 when none does. */
function lastValue(options: string, name: string): number {
  const spelling = name.replaceAll('-', '[-_]')
  const values = options.matchAll(
    new RegExp(`(?<!\\S)--${spelling}=(\\d+(?:\\.\\d+)?)(?!\\S)`, 'g')
  )
  return Number([...values].at(-1)?.[1] ?? 0)
}

/** Bytes of memory that a process may take, as Node reckons it: of its control group, else of the machine. */
function availableMemory(): number {
  const [total, constrained] = [totalmem(), process.constrainedMemory()]
  return constrained > 0 ? Math.min(total, constrained) : total
}
