import { chmodSync, closeSync, lstatSync, openSync } from 'node:fs'
import { join } from 'node:path'

/** LMDB's files in a directory. */
const NAMES = ['data.mdb', 'lock.mdb']
/** Permissions of group and others. */
const OTHERS = 0o077

/**
 * Restricts the files of a store to their owner: creates missing files before LMDB would create them with wider
 * permissions, and removes those of group and others from existing files.
 *
 * security: the files hold users' password hashes and providers' secrets, and the directory may have been created
 * beforehand, open to all.
 *
 * @param canMake whether missing files may be created
 * @returns the files whose mode was changed
 * @throws Error naming the file when its mode cannot be changed, or when it is not a regular file
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
      `${file} is accessible to other users (mode ${mode.toString(8)}), and its mode cannot be changed: ${code}`,
      { cause }
    )
  }
  return true
}

/**
 * The mode of a file, by name and without opening it: a process that closes any descriptor of the lock file gives up
 * all its locks on it (fcntl(2)), including those of a store it has open, and the next process would create the file
 * anew.
 *
 * security: in a directory open to other users, an attacker's symbolic link would have the mode of another file
 * changed.
 */
function modeOf(file: string): number | undefined {
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (found?.isSymbolicLink() === true) throw new Error(`${file} is a symbolic link`)
  if (found?.isFile() === false) throw new Error(`${file} is not a regular file`)
  return found && found.mode & 0o7777
}

/** Creates the file, unless another process was faster. @returns its mode */
function make(file: string): number {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return modeOf(file) ?? 0
}
