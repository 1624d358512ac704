import { getHeapStatistics } from 'node:v8'

/**
 * Tells memory that is in use from memory that is resident and free: the allocator keeps what buffers took, for
 * good sometimes, and uses it again. Of 500 MB that were freed in pieces of 256 KiB, 400 to 500 stayed resident.
 */
export class MemoryInUse {
  /** Bytes of all that is no object or buffer of JavaScript: code, stacks, what libraries hold. */
  readonly #base: number
  /** Most bytes of objects and buffers that were seen. */
  #peak = objectsAndBuffers()
  #free = 0

  /** @param resident bytes at the start, when nothing has been freed yet */
  constructor(resident = 0) {
    this.#base = Math.max(0, resident - objectsAndBuffers())
  }

  /** Bytes in use of those that are resident. What came since the last `measure` is. */
  of(resident: number): number {
    const held = objectsAndBuffers()
    this.#peak = Math.max(this.#peak, held)
    return Math.max(resident - this.#free, Math.min(resident, this.#base + held))
  }

  /**
   * Finds out how much is free. To be called right after a collection: garbage would count as used.
   *
   * security: JavaScript cannot have freed more than it held at its peak; what is resident beyond that is in use by
   * native code (TLS, LMDB), and would end a container unseen.
   */
  measure(resident: number): void {
    const held = objectsAndBuffers()
    this.#free = Math.max(0, Math.min(resident - this.#base - held, this.#peak - held))
  }
}

/** Bytes that V8 has for objects, buffers, and itself. Reading them opens no file. */
function objectsAndBuffers(): number {
  const {
    total_heap_size: heap,
    external_memory: buffers,
    malloced_memory: own
  } = getHeapStatistics()
  return heap + buffers + own
}
