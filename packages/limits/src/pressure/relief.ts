import type { MemoryInUse } from './memory-in-use.ts'
import type { ProcessMemory } from './process-memory.ts'

/** Minimum pause after a garbage collection, in milliseconds. */
const SHORTEST_PAUSE = 2000
/** Minimum pause as a multiple of the collection's duration. */
const PAUSES = 10

/**
 * Frees memory while it is short. Without this, memory pressure would last: a server that refuses all requests produces
 * so little garbage that V8 does not collect for minutes.
 */
export class Relief {
  readonly #relieve: () => void
  readonly #memory: ProcessMemory
  readonly #inUse: MemoryInUse
  #next = 0
  #isRelieved = false

  /** @param relieve drops data that can be recreated */
  constructor(relieve: () => void, memory: ProcessMemory, inUse: MemoryInUse) {
    this.#relieve = relieve
    this.#memory = memory
    this.#inUse = inUse
  }

  /** Call it at each check that finds memory short. Rejects when `relieve` throws. */
  async act(isOverloaded: boolean): Promise<void> {
    await this.#paced(() => {
      // Where a process stays at `reduced`, relieving it at every check would leave nothing in its caches.
      if (isOverloaded || !this.#isRelieved) this.#relieve()
      this.#isRelieved = true
    }, isOverloaded)
  }

  /** Collects garbage without calling `relieve`. Call it at each check that finds the young space too large. */
  async collect(): Promise<void> {
    await this.#paced(() => undefined, false)
  }

  async #paced(before: () => unknown, isOverloaded: boolean): Promise<void> {
    const start = performance.now()
    if (start < this.#next) return
    this.#next = Infinity
    try {
      before()
      await collectGarbage()
      const resident = this.#memory.read()
      if (resident !== undefined) this.#inUse.measure(resident, isOverloaded)
    } finally {
      const end = performance.now()
      this.#next = end + Math.max(SHORTEST_PAUSE, PAUSES * (end - start))
    }
  }

  /**
   * Call it at each check that finds enough memory. After a shortage it collects garbage once more: memory that became
   * free since the last collection still counts as in use, which would keep an idle process just below the shortage.
   */
  async end(): Promise<void> {
    if (this.#isRelieved) await this.#paced(() => (this.#isRelieved = false), false)
  }
}

/**
 * Makes V8 collect all garbage and release free pages. Node has no function for this, but the inspector has; the
 * session is in-process, so nothing is reachable from outside. Without an inspector, nothing is collected.
 */
async function collectGarbage(): Promise<void> {
  try {
    const { Session } = await import('node:inspector/promises')
    const session = new Session()
    session.connect()
    try {
      await session.post('HeapProfiler.collectGarbage')
    } finally {
      session.disconnect()
    }
  } catch {
    // Node was built without the inspector, or it is not permitted.
  }
}
