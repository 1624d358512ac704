import { getHeapSpaceStatistics } from 'node:v8'

const YOUNG_SPACES = new Set(['new_space', 'new_large_object_space'])

/**
 * Bytes that long-lived objects take, garbage that was not collected yet included. V8 ends the
 * process when these do not fit; the young ones come and go in a space of their own.
 */
export function oldSpaceUsed(): number {
  let used = 0
  for (const space of getHeapSpaceStatistics()) {
    if (!YOUNG_SPACES.has(space.space_name)) used += space.space_used_size
  }
  return used
}
