import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

const MEBIBYTE = 2 ** 20
const HALVED = Number.parseInt(process.versions.node, 10) >= 26
/**
 * Bytes that one half of the young space takes at most, unless `--max-semi-space-size` says otherwise: 64 MiB, and
 * 32 MiB from Node 26 (V8 14.6) on.
 */
export const MAX_SEMI_SPACE = (HALVED ? 32 : 64) * MEBIBYTE
/**
 * The old space is at most this many times as large as one half of the young space, which is a power of two. V8 counts
 * three halves (Heap::YoungGenerationSizeFromOldGenerationSize).
 */
const OLD_SPACE_IN_SEMI_SPACES = HALVED ? 64 : 32
/** The smallest default heap of Node before 26, whose halves are smaller than that. */
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
  return (
    heapSizeLimit - 3 * (semiSpace > 0 ? semiSpace * MEBIBYTE : defaultSemiSpace(heapSizeLimit))
  )
}

function defaultSemiSpace(heapSizeLimit: number): number {
  if (heapSizeLimit <= SMALL) return MEBIBYTE
  const least = heapSizeLimit / (OLD_SPACE_IN_SEMI_SPACES + 3)
  return Math.min(2 ** Math.ceil(Math.log2(least)), MAX_SEMI_SPACE)
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
