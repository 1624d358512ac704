import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Creates a directory and its missing parents. `mkdir` with `recursive` loops for ever where a parent exists and the
 * system still returns ENOENT, as in `/proc`.
 *
 * @param mode permissions of the directories that are created
 * @throws the system's error
 */
export function makeDirectory(dir: string, mode = 0o777): void {
  if (isDirectory(dir)) return
  const parent = dirname(dir)
  if (parent !== dir) makeDirectory(parent, mode)
  try {
    mkdirSync(dir, mode)
  } catch (error) {
    // Another process may have created it in the meantime.
    if (!isDirectory(dir)) throw error
  }
}

function isDirectory(dir: string): boolean {
  return statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true
}
