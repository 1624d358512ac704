import { getHeapSpaceStatistics } from 'node:v8'

/** Sizes of V8's heap, in bytes. */
export interface Heap {
  /**
   * Bytes used by long-lived objects, uncollected garbage included. V8 ends the process when these exceed the limit;
   * young objects have a space of their own.
   */
  readonly old: number
  /** Bytes reserved for young objects, used or not; large objects not included. */
  readonly young: number
}

export function readHeap(): Heap {
  let [old, young] = [0, 0]
  for (const {
    space_name: name,
    space_size: size,
    space_used_size: used
  } of getHeapSpaceStatistics()) {
    if (name === 'new_space') young = size
    else if (name !== 'new_large_object_space') old += used
  }
  return { old, young }
}
