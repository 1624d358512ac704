import { monitorEventLoopDelay, performance } from 'node:perf_hooks'

/** Event loop statistics since the previous check. */
export interface EventLoopUsage {
  /** Mean delay of timers, in milliseconds. */
  readonly delay: number
  /** Share of the time that the event loop was active, from 0 to 1. */
  readonly utilization: number
}

/** Sampling interval of Node's delay monitor, in milliseconds. */
const RESOLUTION = 10

/**
 * Monitors the event loop with the functions that `@fastify/under-pressure` uses. That plugin also calls
 * `process.memoryUsage()` in its timer, which throws when no file can be opened: a process that runs out of descriptors
 * would end.
 */
export class EventLoop {
  readonly #turns = monitorEventLoopDelay({ resolution: RESOLUTION })
  #work = performance.eventLoopUtilization()
  #last = performance.now()

  constructor() {
    this.#turns.enable()
  }

  read(): EventLoopUsage {
    const [before, now] = [this.#last, performance.now()]
    const work = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(work, this.#work)
    const delay = meanDelay(this.#turns.mean, now - before)
    this.#turns.reset()
    this.#work = work
    this.#last = now
    return { delay, utilization }
  }

  close(): void {
    this.#turns.disable()
  }
}

/**
 * @param mean nanoseconds between two samples; NaN when there was none, so the delay is the whole time since the last
 * check
 * @param elapsed milliseconds since the last check
 */
export function meanDelay(mean: number, elapsed: number): number {
  return Math.max(0, (Number.isNaN(mean) ? elapsed : mean / 1e6) - RESOLUTION)
}
