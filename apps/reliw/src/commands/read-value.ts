import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { describeSystemError } from '../describe-system-error.ts'
import { UsageError } from '../report-failure.ts'
import type { Shell } from '../shell.ts'

/**
 * Reads a value of the command line: `-` stands for stdin, `@file` for the contents of a file.
 *
 * @throws UsageError
 */
export async function readValue(shell: Shell, given: string): Promise<Buffer> {
  if (given === '-') return buffer(shell.stdin)
  if (!given.startsWith('@')) return Buffer.from(given)
  try {
    return await readFile(resolve(shell.cwd(), given.slice(1)))
  } catch (error) {
    throw new UsageError(`Cannot read ${given.slice(1)}: ${describeSystemError(error)}`)
  }
}
