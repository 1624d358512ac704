import { constants, type Dirent } from 'node:fs'
import { type FileHandle, lstat, open, opendir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { type Absence, absenceOf, pathOf } from './open-within.ts'
import { isServed } from './virtual-path.ts'

/** A file or directory of a listing. Size and time are those of regular files only: not of links and directories. */
export interface Listed {
  name: string
  isDirectory: boolean
  /** Bytes. */
  size: number | undefined
  /** Milliseconds since the epoch. */
  modified: number | undefined
}

/** What a directory contains, in no order. */
export interface Directory {
  entries: Listed[]
  /** Whether these are all that the directory has. */
  isComplete: boolean
}

/** Maximum number of names in a listing. */
export const MAX_LISTED = 10_000
/** Maximum number of names that are read, hidden ones included. */
const MAX_READ = 100_000
/** Number of files whose size and time are read at the same time. */
const AT_ONCE = 32

/**
 * Lists a directory below a root: the names that can be requested. Left out are names that are never served, links that
 * lead out of the root, and all that is neither file nor directory. A directory outside the root is missing.
 *
 * security: an attacker may replace the directory with a symbolic link between a check and the reading. The directory
 * that was opened is checked, and read by its descriptor.
 */
export async function listWithin(
  root: string,
  segments: readonly string[]
): Promise<Directory | Absence> {
  let handle: FileHandle
  try {
    handle = await open(join(root, ...segments), constants.O_RDONLY | constants.O_DIRECTORY)
  } catch (error) {
    return absenceOf(error as NodeJS.ErrnoException)
  }
  try {
    const [realRoot, path] = await Promise.all([realpath(root), pathOf(handle)])
    const real = path ?? (await realpath(join(root, ...segments)))
    if (!isWithin(real, realRoot)) return 'missing'
    const place = path === undefined ? real : `/proc/self/fd/${handle.fd}`
    return await read(place, realRoot)
  } catch (error) {
    return absenceOf(error as NodeJS.ErrnoException)
  } finally {
    await handle.close()
  }
}

async function read(place: string, root: string): Promise<Directory> {
  const found: Dirent[] = []
  let isComplete = true
  let count = 0
  for await (const entry of await opendir(place, { bufferSize: 512 })) {
    isComplete = ++count <= MAX_READ && found.length < MAX_LISTED
    if (!isComplete) break
    if (isServed(entry.name)) found.push(entry)
  }
  const entries: Listed[] = []
  for (let at = 0; at < found.length; at += AT_ONCE) {
    const described = await Promise.all(
      found.slice(at, at + AT_ONCE).map(async ({ name }) => describe(place, name, root))
    )
    for (const one of described) if (one !== undefined) entries.push(one)
  }
  return { entries, isComplete }
}

/** Undefined for what is not to be listed, or has gone meanwhile. */
async function describe(place: string, name: string, root: string): Promise<Listed | undefined> {
  try {
    const path = join(place, name)
    const own = await lstat(path)
    if (own.isDirectory()) return { name, isDirectory: true, size: undefined, modified: undefined }
    if (own.isFile()) return { name, isDirectory: false, size: own.size, modified: own.mtimeMs }
    if (!own.isSymbolicLink()) return undefined
    const real = await realpath(path)
    if (!isWithin(real, root)) return undefined
    const target = await stat(real)
    if (!target.isDirectory() && !target.isFile()) return undefined
    return { name, isDirectory: target.isDirectory(), size: undefined, modified: undefined }
  } catch {
    return undefined
  }
}

function isWithin(real: string, root: string): boolean {
  return real === root || real.startsWith(root + sep)
}
