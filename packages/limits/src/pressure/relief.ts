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
  #isRelieved = false

  /** @param relieve gives back what can be made again */
  constructor(relieve: () => void, memory: ProcessMemory, inUse: MemoryInUse) {
    this.#relieve = relieve
    this.#memory = memory
    this.#inUse = inUse
  }

  /** Memory is short. To be called at each look that finds it so. Rejects when `relieve` throws. */
  async act(isOverloaded: boolean): Promise<void> {
    await this.#paced(() => {
      // Each time would leave nothing of what is kept where a process lives at this level.
      if (isOverloaded || !this.#isRelieved) this.#relieve()
      this.#isRelieved = true
    })
  }

  /** Collects garbage and gives back nothing else. To be called at each look that asks for it. */
  async collect(): Promise<void> {
    await this.#paced(() => undefined)
  }

  async #paced(before: () => void): Promise<void> {
    const start = performance.now()
    if (start < this.#next) return
    this.#next = Infinity
    try {
      before()
      await collectGarbage()
      const resident = this.#memory.read()
      if (resident !== undefined) this.#inUse.measure(resident)
    } finally {
      const end = performance.now()
      this.#next = end + Math.max(SHORTEST_PAUSE, PAUSES * (end - start))
    }
  }

  /** Memory is not short, or no more. */
  end(): void {
    this.#isRelieved = false
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
