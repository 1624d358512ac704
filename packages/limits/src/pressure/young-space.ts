import { setFlagsFromString } from 'node:v8'
import { MAX_SEMI_SPACE } from '@reliw/options'
import type { Heap } from './heap.ts'

/** Maximum size of V8's young space in bytes, whatever `--max-old-space-size` says: two halves. */
const MOST = 2 * MAX_SEMI_SPACE
/** Share of the old space that may be in use, the maximum young space included, for the young space to grow again. */
const ROOM = 0.8

/**
 * Keeps the young space from crowding out the old space. V8 starts marking as soon as less room than one half of the
 * young space is left up to a limit midway between the live objects and the end of the old space (V8 13.6,
 * Heap::IncrementalMarkingLimitReached). Where both spaces together exceed the old space's limit, this already holds
 * right after a collection: V8 collects again and again, and little else gets to run.
 */
export class YoungSpace {
  readonly #limit: number
  #mayGrow = true

  /** @param limit maximum bytes of long-lived objects */
  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Call it at each check.
   *
   * @returns whether a garbage collection is needed, which shrinks the young space
   */
  isCrowding({ old, young }: Heap): boolean {
    const isCrowded = old + young > this.#limit
    const mayGrow = !isCrowded && (this.#mayGrow || old + MOST < ROOM * this.#limit)
    // Otherwise the young space would double until it is as large again, within seconds.
    if (mayGrow !== this.#mayGrow)
      setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`)
    this.#mayGrow = mayGrow
    return isCrowded
  }
}
