import { lstatSync, readlinkSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve, sep } from 'node:path'

/** One step of resolving a path: a name that is looked up in a directory. */
export interface Lookup {
  directory: string
  name: string
}

/** Maximum number of symbolic links that Linux follows in one path (path_resolution(7)). */
const MAX_LINKS = 40

/**
 * Every look-up that resolving a path takes, in order, with symbolic links followed. Replacing the path's target
 * changes one of these names. Names below a missing one are listed, too.
 *
 * @returns the look-ups, and the path without symbolic links
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

/** The target of a symbolic link; undefined when the path is not a symbolic link. */
function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined
  } catch {
    return undefined
  }
}
