import { readFile } from 'node:fs/promises'
import { memoryLimit } from '@reliw/options'
import { openFilesLimit } from './proc-text.ts'

/** What this process may use. */
export interface MachineLimits {
  /** Bytes: the least of the limits of its control groups and of the memory of the machine. */
  readonly memory: number
  /** Descriptors: the soft limit, which node raises to the hard limit when it starts. Undefined where none can be read. */
  readonly openFiles: number | undefined
}

/**
 * Reads the limits from `/proc` and `/sys/fs/cgroup`. Never rejects.
 *
 * @param root the directory that these are in, for tests
 */
export async function readMachineLimits(root = ''): Promise<MachineLimits> {
  const limits = await readFile(`${root}/proc/self/limits`, 'utf8').catch(() => '')
  return { memory: memoryLimit(root), openFiles: openFilesLimit(limits) }
}
