import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** An open regular file that lies inside its root. The caller closes it. */
export interface OpenFile {
  handle: FileHandle
  size: number
  modified: number
  /** When it, or what is known of it, changed last: what no program can set back. */
  touched: number
  /** Changes whenever the file is replaced or written: device, inode, size and both times in nanoseconds. */
  identity: string
  /** Whether its name leads through no symbolic link below the root. */
  isPlain: boolean
}

/** See `OpenFile`. */
export function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`
}

/** Whether two identities are of one file, which was written to between them; not of one that replaced another. */
export function isSameFile(one: string, other: string): boolean {
  const inode = /^\d+:\d+:/.exec(one)?.[0]
  return inode !== undefined && other.startsWith(inode)
}

/** Why there is nothing to serve. */
export type Absence = 'missing' | 'directory' | 'unreadable'

/** How often a name is opened again whose file was exchanged between opening it and looking at it. */
const MAX_ATTEMPTS = 10

/** Never waits for a pipe's writer, never makes a terminal ours. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

/**
 * Opens a file below a root. What was opened is checked, not what a name said a moment earlier: a name that
 * leads out of the root, by symbolic links too, is missing, also when it is exchanged meanwhile.
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
 * Where an open file lies, as Linux tells it of the file itself: no name is looked up again. A file that was
 * replaced or deleted since is told with a suffix.
 */
async function pathOf({ fd }: FileHandle): Promise<string | undefined> {
  try {
    return (await readlink(`/proc/self/fd/${fd}`)).replace(/ \(deleted\)$/, '')
  } catch {
    return undefined
  }
}

/** The same by its name, where there is no /proc; `undefined` when the name stands for another file by now. */
async function pathByName(
  root: string,
  segments: readonly string[],
  { dev, ino }: { dev: bigint; ino: bigint }
): Promise<string | undefined> {
  const real = await realpath(join(root, ...segments))
  const now = await stat(real, { bigint: true })
  return now.ino === ino && now.dev === dev ? real : undefined
}

function absenceOf({ code }: NodeJS.ErrnoException): Absence {
  return code === 'EACCES' ||
    code === 'EPERM' ||
    code === 'EIO' ||
    code === 'EMFILE' ||
    code === 'ENFILE'
    ? 'unreadable'
    : 'missing'
}
