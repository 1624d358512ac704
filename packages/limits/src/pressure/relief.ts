import type { MemoryInUse } from './memory-in-use.ts'
import type { ProcessMemory } from './process-memory.ts'

/** Milliseconds from one collection to the next at least. */
const SHORTEST_PAUSE = 2000
/** How many times longer than a collection the pause after it is. */
const PAUSES = 10

/**
 * What is done while memory is short. Without it pressure by memory would stay: a server that refuses everything
 * makes so little garbage that V8 collects none for minutes.
 */
export class Relief {
  readonly #relieve: () => void
  readonly #memory: ProcessMemory
  readonly #inUse: MemoryInUse
  #next = 0

  /** @param relieve gives back what can be made again */
  constructor(relieve: () => void, memory: ProcessMemory, inUse: MemoryInUse) {
    this.#relieve = relieve
    this.#memory = memory
    this.#inUse = inUse
  }

  /** Never rejects, unless `relieve` throws. */
  async act(isOverloaded: boolean): Promise<void> {
    this.#relieve()
    const start = performance.now()
    if (!isOverloaded || start < this.#next) return
    this.#next = Infinity
    await collectGarbage()
    const end = performance.now()
    this.#next = end + Math.max(SHORTEST_PAUSE, PAUSES * (end - start))
    const resident = this.#memory.read()
    if (resident !== undefined) this.#inUse.measure(resident)
  }
}

/**
 * Has V8 collect all garbage and give back what pages it can. Node has no function for that; the inspector, which
 * nobody can reach from outside here, has one. Without inspector nothing is collected.
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
    // Built without it, or not permitted.
  }
}
