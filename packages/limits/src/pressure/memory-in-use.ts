import { getHeapStatistics } from 'node:v8'

/** How long memory must stay resident beside a small heap until it counts as free, in milliseconds. */
const SETTLED = 30_000
/** Growth up to this factor counts as none. */
const NOT_YET = { resident: 0, since: 0, last: 0 }
const SAME = 1.02

/**
 * Distinguishes memory in use from memory that is resident but free: the allocator keeps freed buffers, sometimes for
 * good, and reuses them. Of 500 MB freed in pieces of 256 KiB, 400 to 500 MB stayed resident.
 */
export class MemoryInUse {
  /** Bytes outside of JavaScript objects and buffers: code, stacks, memory of libraries. */
  readonly #base: number
  /** Peak of the bytes held by objects and buffers. */
  #peak = objectsAndBuffers()
  #free = 0
  /** Since when resident memory has stayed at this size, as far as it was measured. Bytes and milliseconds. */
  #stay = NOT_YET
  /** Bytes beside the heap that refusing did not bring back. */
  #ground = 0

  /** @param resident bytes at start-up, when nothing has been freed yet */
  constructor(resident = 0) {
    this.#base = Math.max(0, resident - objectsAndBuffers())
  }

  /** Bytes in use among the resident bytes. Memory added since the last `measure` counts as in use. */
  of(resident: number): number {
    const held = objectsAndBuffers()
    this.#peak = Math.max(this.#peak, held)
    return Math.max(resident - this.#free, Math.min(resident, this.#base + held))
  }

  /**
   * Determines how much resident memory is free. Call it right after a garbage collection: garbage would count as in
   * use.
   *
   * security: JavaScript cannot have freed more than its peak. Resident memory beyond that may be in use by native code
   * (TLS, LMDB); counting it as free could let the kernel end the container without warning. But if memory stays short
   * for half a minute of refusing all requests, without growing, and JavaScript holds at most half of it, refusing does
   * not help: from then on only additional memory counts.
   *
   * @param isRefusing whether all requests are refused at the moment
   * @param now milliseconds of any clock
   */
  measure(resident: number, isRefusing = false, now = performance.now()): void {
    const held = objectsAndBuffers()
    const beside = resident - this.#base - held
    if (!isRefusing) this.#stay = NOT_YET
    else if (this.#stays(resident, now) && held <= resident / 2) this.#ground = beside
    this.#free = Math.max(0, Math.min(beside, Math.max(this.#ground, this.#peak - held)))
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

/** Bytes that V8 holds for objects, buffers and itself. Reading them opens no file. */
function objectsAndBuffers(): number {
  const {
    total_heap_size: heap,
    external_memory: buffers,
    malloced_memory: own
  } = getHeapStatistics()
  return heap + buffers + own
}
