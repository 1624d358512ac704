import { constants, open, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { makeDirectory } from '@reliw/options'

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants
/** A named pipe that nobody reads is not waited for; of files that makes no difference. */
const FLAGS = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK
const MODE = 0o640

const openFile = promisify(open)

/** Opens a file for appending, and makes it, with its folder, where it is missing. Throws what the system says. */
export function openLogFileSync(file: string): number {
  makeDirectory(dirname(file))
  return openSync(file, FLAGS, MODE)
}

/** As `openLogFileSync`, while the process does other things. */
export async function openLogFile(file: string): Promise<number> {
  await mkdir(dirname(file), { recursive: true })
  return openFile(file, FLAGS, MODE)
}
