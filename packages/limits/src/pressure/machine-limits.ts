import { readFile } from 'node:fs/promises'
import { memoryLimit } from '@reliw/options'
import { openFilesLimit } from './proc-text.ts'

/** The limits of this process. */
export interface MachineLimits {
  /** In bytes: the lowest of its control groups' limits and the memory of the machine. */
  readonly memory: number
  /**
   * Number of descriptors: the soft limit, which Node raises to the hard limit at start-up. Undefined where it cannot
   * be read.
   */
  readonly openFiles: number | undefined
}

/**
 * Reads the limits from `/proc` and `/sys/fs/cgroup`. Never rejects.
 *
 * @param root the directory that contains both, for tests
 */
export async function readMachineLimits(root = ''): Promise<MachineLimits> {
  const limits = await readFile(`${root}/proc/self/limits`, 'utf8').catch(() => '')
  return { memory: memoryLimit(root), openFiles: openFilesLimit(limits) }
}
