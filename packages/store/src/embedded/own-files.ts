import { chmodSync, closeSync, fstatSync, openSync } from 'node:fs'
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
  const fd = openFile(file, canMake)
  if (fd === undefined) return false
  const mode = fstatSync(fd).mode & 0o7777
  closeSync(fd)
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

/** Opens it for reading; undefined where it is missing and may not be made. */
function openFile(file: string, canMake: boolean): number | undefined {
  try {
    return openSync(file, canMake ? 'a+' : 'r', 0o600)
  } catch (error) {
    if (!canMake && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
