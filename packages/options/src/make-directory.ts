import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory and what is missing above it. With `recursive`, Node.js tries for ever where a parent is there and
 * still answers ENOENT, as `/proc` does.
 *
 * @param mode of the directories that are made
 * @throws as the system does
 */
export function makeDirectory(dir: string, mode = 0o777): void {
  if (isDirectory(dir)) return
  const parent = dirname(dir)
  if (parent !== dir) makeDirectory(parent, mode)
  try {
    mkdirSync(dir, mode)
  } catch (error) {
    // Another process may have been faster.
    if (!isDirectory(dir)) throw error
  }
}

function isDirectory(dir: string): boolean {
  return statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true
}
