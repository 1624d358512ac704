import { setTimeout as delay } from 'node:timers/promises'
import type { LogLine } from '../served/server-log.ts'
import type { Served } from '../served/serve.ts'
import type { Usage } from '../served/usage.ts'

/** Sockets and files that a process may hold more of than at first: kept content, connections to origins. */
const MORE_DESCRIPTORS = 100
/** The same of memory: what is kept, and a heap that has grown once. In bytes. */
const MORE_MEMORY = 160 * 1024 * 1024
/** How long connections may last that nobody needs any more, in milliseconds. */
const PATIENCE = 20_000
const POLL = 250
const MOST_LINES = 5

/** Tells what is wrong with a server that has nothing to do any more: one sentence each. */
export async function ailments(
  served: Served,
  before: Usage,
  isExpected: (line: LogLine) => boolean = () => false
): Promise<string[]> {
  if (!served.isAlive)
    return [
      `the process ended: ${served.log.stderr}`,
      ...served.log.faults.slice(-1).map((line) => JSON.stringify(line))
    ]
  const lines = served.log.faults.filter((line) => !isExpected(line)).slice(0, MOST_LINES)
  const found = lines.map((line) => `the log says ${JSON.stringify(line)}`)
  for (const metric of ['reliw_requests_in_flight', 'reliw_connections']) {
    const left = await settled(() => served.metric(metric))
    if (left !== 0) found.push(`${metric} stays ${left}`)
  }
  const { memory, descriptors } = served.usage()
  if (descriptors > before.descriptors + MORE_DESCRIPTORS) {
    found.push(`${descriptors} descriptors are open, ${before.descriptors} were before`)
  }
  if (memory > before.memory + MORE_MEMORY) {
    found.push(`${inMiB(memory)} of memory are used, ${inMiB(before.memory)} were before`)
  }
  return found
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

/** `12 MiB` */
export function inMiB(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`
}
