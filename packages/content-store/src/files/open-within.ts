import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** An open regular file that lies inside its root. The caller closes it. */
export interface OpenFile {
  handle: FileHandle
  size: number
  modified: number
  /** Time of the last change of content or metadata (ctime), in ms since the epoch: no program can set it back. */
  touched: number
  /** Changes whenever the file is replaced or written: device, inode, size, mtime and ctime in nanoseconds. */
  identity: string
  /** Whether its name contains no symbolic link below the root. */
  isPlain: boolean
}

/** See `OpenFile.identity`. */
export function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`
}

/** Whether two identities are of the same file, which may have been written to in between; false for a replacement. */
export function isSameFile(one: string, other: string): boolean {
  const inode = /^\d+:\d+:/.exec(one)?.[0]
  return inode !== undefined && other.startsWith(inode)
}

/** Reason why there is no file to serve. */
export type Absence = 'missing' | 'directory' | 'unreadable'

/** Maximum number of times that a file is opened, when it is replaced between opening and checking it. */
const MAX_ATTEMPTS = 10

/** Opening a pipe must not wait for its writer, and opening a terminal must not make it the controlling one. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

/**
 * Opens a file below a root. A name that leads out of the root is missing.
 *
 * security: an attacker may replace a name with a symbolic link between a check and the opening. The check is made on
 * the file that was opened, not on its name.
 */
export async function openWithin(
  root: string,
  segments: readonly string[]
): Promise<OpenFile | Absence> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const found = await openOnce(root, segments)
    if (found !== 'exchanged') return found
  }
  return 'unreadable'
}

async function openOnce(
  root: string,
  segments: readonly string[]
): Promise<OpenFile | Absence | 'exchanged'> {
  let handle: FileHandle
  try {
    handle = await open(join(root, ...segments), FLAGS)
  } catch (error) {
    return absenceOf(error as NodeJS.ErrnoException)
  }
  const found = await inspect(handle, root, segments).catch(() => 'exchanged' as const)
  if (typeof found === 'string') await handle.close()
  return found
}

async function inspect(
  handle: FileHandle,
  root: string,
  segments: readonly string[]
): Promise<OpenFile | Absence | 'exchanged'> {
  const stats = await handle.stat({ bigint: true })
  const [realRoot, real] = await Promise.all([
    realpath(root),
    pathOf(handle).then((path) => path ?? pathByName(root, segments, stats))
  ])
  if (real === undefined) return 'exchanged'
  if (!real.startsWith(realRoot + sep)) return 'missing'
  if (stats.isDirectory()) return 'directory'
  if (!stats.isFile()) return 'missing'
  return {
    handle,
    size: Number(stats.size),
    modified: Number(stats.mtimeMs),
    touched: Number(stats.ctimeMs),
    identity: identityOf(stats),
    isPlain: real === join(realRoot, ...segments)
  }
}

/**
 * The path of an open file as Linux reports it for the descriptor, without looking up a name again. Linux adds a suffix
 * when the file has since been replaced or deleted.
 */
export async function pathOf({ fd }: FileHandle): Promise<string | undefined> {
  try {
    return (await readlink(`/proc/self/fd/${fd}`)).replace(/ \(deleted\)$/, '')
  } catch {
    return undefined
  }
}

/** The path by name, for systems without /proc; undefined when the name now refers to another file. */
async function pathByName(
  root: string,
  segments: readonly string[],
  { dev, ino }: { dev: bigint; ino: bigint }
): Promise<string | undefined> {
  const real = await realpath(join(root, ...segments))
  const now = await stat(real, { bigint: true })
  return now.ino === ino && now.dev === dev ? real : undefined
}

/** Why a file that could not be opened is not there. */
export function absenceOf({ code }: NodeJS.ErrnoException): Absence {
  return code === 'EACCES' ||
    code === 'EPERM' ||
    code === 'EIO' ||
    code === 'EMFILE' ||
    code === 'ENFILE'
    ? 'unreadable'
    : 'missing'
}
