/**
 * Checks the process against its limits once per interval, never per request. All values are read from memory: no check
 * waits for a disk or a thread, or has to open a file.
 */

import { guarded, oldSpaceLimit, once } from '@reliw/options'
import type * as z from 'zod'
import { EventLoop } from './event-loop.ts'
import { Gauge, type OnChange, type Pressure } from './gauge.ts'
import { type Heap, readHeap } from './heap.ts'
import { levelOf } from './level.ts'
import { readMachineLimits } from './machine-limits.ts'
import { MemoryInUse } from './memory-in-use.ts'
import { OpenFiles } from './open-files.ts'
import type { PressureOptions } from './options.ts'
import { ProcessMemory } from './process-memory.ts'
import { Relief } from './relief.ts'
import { type Amounts, sharesOf } from './resources.ts'
import { YoungSpace } from './young-space.ts'

/** The result of the checks, and a function that ends them. */
export interface PressureMonitor {
  readonly pressure: Pressure
  /** Stops checking; `pressure` keeps its last values. */
  readonly close: () => void
}

type Settings = z.output<typeof PressureOptions>

/**
 * Watches this process until closed, without keeping it alive. The limits of the machine are read once, here. Without
 * `/proc`, open files are not checked, and `rss` only if `max_rss` is given. Never rejects.
 *
 * @param settings parsed options; when not enabled, the level is always `normal`
 * @param relieve called when memory is short, to drop data that can be recreated: once when `heap` or `rss` reaches 90
 * %, and every few seconds while it is at 95 % or more
 * @param onFault called once, when a check or the relief failed; while checks fail the level is `normal`
 */
export async function startPressure(
  settings: Settings,
  onChange?: OnChange,
  relieve: () => void = () => undefined,
  onFault: (error: unknown) => void = () => undefined
): Promise<PressureMonitor> {
  const pressure = new Gauge(onChange)
  if (!settings.enabled) return { pressure, close: () => undefined }
  const loop = new EventLoop()
  const memory = new ProcessMemory()
  const inUse = new MemoryInUse(memory.read())
  const oldSpace = oldSpaceLimit()
  const young = new YoungSpace(oldSpace)
  const relief = new Relief(relieve, memory, inUse)
  const openFiles = new OpenFiles()
  const limits = await chooseLimits(settings, oldSpace, memory.isAnonymous)
  const report = once(onFault)
  const timer = setInterval(guarded(check, failed), settings.interval)
  timer.unref()
  return { pressure, close }

  function check(): void {
    const heap = readHeap()
    const shares = sharesOf(read(heap), limits)
    pressure.update(shares)
    const level = levelOf(Math.max(shares.heap ?? 0, shares.rss ?? 0))
    if (level === 'reduced' || level === 'overloaded')
      relief.act(level === 'overloaded').catch(report)
    else relief.end().catch(report)
    if (young.isCrowding(heap)) relief.collect().catch(report)
  }

  /** security: a level that is no longer updated could refuse requests for ever. */
  function failed(error: unknown): void {
    report(error)
    pressure.update({})
  }

  function read({ old }: Heap): Amounts {
    const resident = memory.read()
    const { delay, utilization } = loop.read()
    return {
      event_loop_delay: delay,
      event_loop_utilization: utilization,
      heap: old,
      rss: resident === undefined ? undefined : inUse.of(resident),
      open_files: openFiles.read()
    }
  }

  function close(): void {
    clearInterval(timer)
    loop.close()
    memory.close()
  }
}

/**
 * @param oldSpace the limit of the old space, in bytes
 * @param isAnonymous whether `rss` excludes mapped files; if not, the limit of the machine does not apply to it
 */
async function chooseLimits(
  settings: Settings,
  oldSpace: number,
  isAnonymous: boolean
): Promise<Amounts> {
  const machine = await readMachineLimits()
  return {
    event_loop_delay: settings.max_event_loop_delay,
    event_loop_utilization: settings.max_event_loop_utilization,
    heap: settings.max_heap ?? oldSpace,
    rss: settings.max_rss ?? (isAnonymous ? machine.memory : undefined),
    open_files: settings.max_open_files ?? machine.openFiles
  }
}
