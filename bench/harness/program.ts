import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Folders that servers are installed in and that users often have not on their PATH. */
const MORE_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** The path of a program, from the PATH or the folders for servers; `undefined` when it is missing. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...MORE_FOLDERS]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/** @throws Error that says how to get it, when a program is missing */
export function requireProgram(name: string, howToGetIt: string): string {
  const found = findProgram(name)
  if (found === undefined) throw new Error(howToGetIt)
  return found
}

/** The first version number in what `program ...args` prints, else "?". */
export function versionOf(program: string, args: string[]): string {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return /\d+(?:\.\d+)+/.exec(`${stdout} ${stderr}`)?.[0] ?? '?'
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
