import { getHeapStatistics } from 'node:v8'

/** How long it takes until memory that stays resident beside a small heap is taken for free, in milliseconds. */
const SETTLED = 30_000
/** Growth that is none. */
const SAME = 1.02

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
  /** Since when memory has stayed at this size, as far as it was measured. */
  #stay = { resident: 0, since: 0, last: 0 }

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
   * security: JavaScript cannot have freed more than it held at its peak; what is resident beyond that may be in use by
   * native code (TLS, LMDB), and would end a container unseen. Where it neither grows nor gives way for half a minute of
   * refusing everything, beside a smaller heap, refusing is of no use: only what comes on top counts from then on.
   *
   * @param now milliseconds of any clock
   */
  measure(resident: number, now = performance.now()): void {
    const held = objectsAndBuffers()
    const beside = resident - this.#base - held
    const isFree = this.#stays(resident, now) && held <= resident / 2
    this.#free = Math.max(0, isFree ? beside : Math.min(beside, this.#peak - held))
  }

  #stays(resident: number, now: number): boolean {
    const { resident: before, since, last } = this.#stay
    const isSame = resident <= before * SAME && now - last < SETTLED
    this.#stay = isSame
      ? { resident: before, since, last: now }
      : { resident, since: now, last: now }
    return isSame && now - since >= SETTLED
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
