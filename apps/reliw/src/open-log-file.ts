import { constants, open, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { makeDirectory } from '@reliw/options'

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants
/**
 * Opening a named pipe without a reader must fail instead of waiting (O_NONBLOCK); for files the flag has no effect.
 */
const FLAGS = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK
const MODE = 0o640

const openFile = promisify(open)

/** Opens a file for appending; creates the file and its folder when missing. Throws the system's error. */
export function openLogFileSync(file: string): number {
  makeDirectory(dirname(file))
  return openSync(file, FLAGS, MODE)
}

/** Like `openLogFileSync`, but asynchronous. */
export async function openLogFile(file: string): Promise<number> {
  await mkdir(dirname(file), { recursive: true })
  return openFile(file, FLAGS, MODE)
}
