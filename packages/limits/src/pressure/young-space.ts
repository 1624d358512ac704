import { setFlagsFromString } from 'node:v8'
import type { Heap } from './heap.ts'

/** Bytes that V8 gives young objects at most, whatever `--max-old-space-size` says: two halves of 64 MiB. */
const MOST = 128 * 2 ** 20
/** The part of the old space that may be used, that most of the young one included, for it to grow again. */
const ROOM = 0.8

/**
 * Keeps the space of young objects from crowding the old one. V8 marks as soon as the old space has less left than one
 * half of the young one, up to a limit midway between the objects that live and its end
 * (V8 13.6, Heap::IncrementalMarkingLimitReached). Where both together are larger than the limit of the old one, that
 * is so right after a collection, too: V8 collects again and again, and little else gets a turn.
 */
export class YoungSpace {
  readonly #limit: number
  #mayGrow = true

  /** @param limit bytes that long-lived objects may take */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** To be called at each look. @returns whether a collection is needed, with which the young space becomes small */
  isCrowding({ old, young }: Heap): boolean {
    const isCrowded = old + young > this.#limit
    const mayGrow = !isCrowded && (this.#mayGrow || old + MOST < ROOM * this.#limit)
    // Else it would double until it is as large again, within seconds.
    if (mayGrow !== this.#mayGrow)
      setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`)
    this.#mayGrow = mayGrow
    return isCrowded
  }
}
