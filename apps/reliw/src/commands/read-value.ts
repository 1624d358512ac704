import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { UsageError } from '../report-failure.ts'

/**
 * A value as the command line gives it: `-` is what comes on stdin, `@file` what a file holds.
 *
 * @throws UsageError
 */
export async function readValue(given: string): Promise<Buffer> {
  if (given === '-') return buffer(process.stdin)
  if (!given.startsWith('@')) return Buffer.from(given)
  try {
    return await readFile(given.slice(1))
  } catch (error) {
    throw new UsageError(
      `${given.slice(1)} cannot be read: ${(error as NodeJS.ErrnoException).code}`
    )
  }
}
