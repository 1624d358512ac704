import { setTimeout as delay } from 'node:timers/promises'
import { INSPECTED } from '../served/held-memory.ts'
import type { LogLine } from '../served/server-log.ts'
import type { Served } from '../served/serve.ts'
import type { Usage } from '../served/usage.ts'

/** Growth of open sockets and files in the second half of a run: cached content, connections to origins. */
const MORE_DESCRIPTORS = 100
/** Growth of resident memory, in bytes: the allocator keeps freed memory, and the heap grows once. */
const MORE_MEMORY = 160 * 1024 * 1024
/** Growth of live memory beyond the store's cache, in bytes. */
const MORE_HELD = 8 * 1024 * 1024
/** How long connections may last that nobody needs any more, in milliseconds. */
const PATIENCE = 20_000
const POLL = 250
const MOST_LINES = 5

/** Options of node for a server whose memory is looked at. */
export function nodeFlags(heap: number | undefined): string[] {
  return heap === undefined ? [INSPECTED] : [INSPECTED, `--max-old-space-size=${heap}`]
}

/** What a server holds that has nothing to do. */
export interface Rest extends Usage {
  /** Bytes of objects and buffers, garbage not counted. */
  readonly held: number
  /** Bytes that kept values account for. */
  readonly kept: number
  /** Metrics that should be 0. */
  readonly left: Readonly<Record<string, number>>
}

/** Waits until it has nothing to do. Undefined when its process has ended. */
export async function restOf(served: Served): Promise<Rest | undefined> {
  if (!served.isAlive) return undefined
  const left: Record<string, number> = {}
  for (const metric of ['reliw_requests_in_flight', 'reliw_connections'])
    left[metric] = await settled(() => served.metric(metric))
  const held = await served.held()
  return { ...served.usage(), held, kept: await served.metric('reliw_store_kept_bytes'), left }
}

/**
 * Tells what is wrong with a server that has nothing to do any more: one sentence each.
 *
 * @param half as it was after half of the cases: what still grows after that grows for good
 */
export function ailments(
  served: Served,
  half: Rest | undefined,
  end: Rest | undefined,
  isExpected: (line: LogLine) => boolean = () => false
): string[] {
  if (half === undefined || end === undefined)
    return [
      `the process ended: ${served.log.stderr}`,
      ...served.log.faults.slice(-1).map((line) => JSON.stringify(line))
    ]
  const lines = served.log.faults.filter((line) => !isExpected(line)).slice(0, MOST_LINES)
  const found = lines.map((line) => `the log says ${JSON.stringify(line)}`)
  for (const [metric, left] of Object.entries(end.left))
    if (left !== 0) found.push(`${metric} stays ${left}`)
  if (end.descriptors > half.descriptors + MORE_DESCRIPTORS)
    found.push(`${end.descriptors} descriptors are open, ${half.descriptors} were at half`)
  if (end.memory > half.memory + MORE_MEMORY)
    found.push(`${inMiB(end.memory)} of memory are used, ${inMiB(half.memory)} at half time`)
  const more = end.held - end.kept - (half.held - half.kept)
  if (more > MORE_HELD)
    found.push(`${inMiB(more)} more are held than at half, and are not cached values`)
  return found
}

/** What a run says of memory and files. */
export function restLines(half: Rest | undefined, end: Rest | undefined): string[] {
  const both = (what: (rest: Rest) => string): string =>
    [half, end].map((rest) => (rest === undefined ? '-' : what(rest))).join(', then ')
  return [
    `at half and at the end: memory ${both(({ memory }) => inMiB(memory))}`,
    `held after a collection ${both(({ held }) => inMiB(held))}`,
    `of which cached values account for ${both(({ kept }) => inMiB(kept))}`,
    `descriptors ${both(({ descriptors }) => String(descriptors))}`
  ]
}

/** Waits for a metric to be 0; asks seldom, because asking takes memory, too. */
async function settled(read: () => Promise<number>): Promise<number> {
  const end = performance.now() + PATIENCE
  for (;;) {
    const value = await read()
    if (value === 0 || performance.now() > end) return value
    await delay(POLL)
  }
}

/** `12.3 MiB` */
function inMiB(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
