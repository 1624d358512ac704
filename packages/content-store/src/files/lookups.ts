import { lstatSync, readlinkSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve, sep } from 'node:path'

/** One step on the way to a file: a name that is looked up in a directory. */
export interface Lookup {
  directory: string
  name: string
}

/** As many as Linux follows in one path (path_resolution(7)). */
const MAX_LINKS = 40

/**
 * Every look-up that decides what a path is, in order, symbolic links followed: whatever exchanges it changes
 * one of these names. It ends at what the path stands for, or, where that is missing, at the name that is.
 *
 * @returns the look-ups, and the path without its links
 */
export function lookupsOf(path: string): { lookups: Lookup[]; real: string } {
  const pending = segmentsOf(resolve(path))
  const lookups: Lookup[] = []
  let real: string = sep
  let links = 0
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (name === '..') {
      real = dirname(real)
      continue
    }
    lookups.push({ directory: real, name })
    const target = links < MAX_LINKS ? linkTarget(join(real, name)) : undefined
    if (target === undefined) {
      real = join(real, name)
      continue
    }
    links++
    pending.unshift(...segmentsOf(target))
    if (isAbsolute(target)) real = sep
  }
  return { lookups, real }
}

function segmentsOf(path: string): string[] {
  return path.split(sep).filter((name) => name !== '' && name !== '.')
}

/** What a symbolic link says; `undefined` when it is none. */
function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined
  } catch {
    return undefined
  }
}
