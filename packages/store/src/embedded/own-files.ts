import { chmodSync, closeSync, lstatSync, openSync } from 'node:fs'
import { join } from 'node:path'

/** What LMDB keeps in a directory. */
const NAMES = ['data.mdb', 'lock.mdb']
/** What group and others may do. */
const OTHERS = 0o077

/**
 * Makes the files of a store for their owner alone, before LMDB makes them for everybody, and takes from group and
 * others what they may do with files that are there. Users' hashes and providers' secrets are in them, and the
 * directory may have been made beforehand, open to all.
 *
 * @param canMake whether files that are missing may be made
 * @returns the files whose mode was changed
 * @throws as the system does when a mode cannot be changed, with the file's name
 */
export function ownFiles(dir: string, canMake: boolean): string[] {
  return NAMES.map((name) => join(dir, name)).filter((file) => own(file, canMake))
}

function own(file: string, canMake: boolean): boolean {
  const mode = modeOf(file) ?? (canMake ? make(file) : 0)
  if ((mode & OTHERS) === 0) return false
  try {
    chmodSync(file, mode & ~OTHERS)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new Error(
      `${file} is open to other users (mode ${mode.toString(8)}), and its mode cannot be changed: ${code}`,
      { cause }
    )
  }
  return true
}

/**
 * Asked by name, without opening it: a process that closes any descriptor of the lock file gives up all of its locks on
 * it (fcntl(2)), those of a store that it has open included, and the next process would make the file anew.
 *
 * security: a link could have another file's mode changed, where the directory is open to other users.
 */
function modeOf(file: string): number | undefined {
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (found?.isSymbolicLink() === true) throw new Error(`${file} is a symbolic link`)
  if (found?.isFile() === false) throw new Error(`${file} is no file`)
  return found && found.mode & 0o7777
}

/** Makes it, unless another process was faster. @returns its mode */
function make(file: string): number {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return modeOf(file) ?? 0
}
