import { getHeapSpaceStatistics } from 'node:v8'

/** Bytes of V8's heap. */
export interface Heap {
  /**
   * Used by long-lived objects, garbage that was not collected yet included. V8 ends the process when these do not fit;
   * the young ones come and go in a space of their own.
   */
  readonly old: number
  /** Set aside for young objects, used or not; large ones not counted. */
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
