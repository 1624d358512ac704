import { monitorEventLoopDelay, performance } from 'node:perf_hooks'

/** How the event loop fared since the look before. */
export interface EventLoopUsage {
  /** Milliseconds by which what was due came late, on the mean. */
  readonly delay: number
  /** The part of the time that was spent at work, from 0 to 1. */
  readonly utilization: number
}

/** How often V8's monitor wants a turn, in milliseconds. */
const RESOLUTION = 10

/**
 * Watches the event loop, with the functions that `@fastify/under-pressure` has it from. That one
 * asks for `process.memoryUsage()` too, which throws when no file can be opened: in its timer, so
 * that the process ends when it runs out of descriptors.
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
 * @param mean nanoseconds between two turns; NaN when there was no turn, which is a wait as long as
 *   the last look is ago
 * @param elapsed milliseconds since the last look
 */
export function meanDelay(mean: number, elapsed: number): number {
  return Math.max(0, (Number.isNaN(mean) ? elapsed : mean / 1e6) - RESOLUTION)
}
