import { readFile } from 'node:fs/promises'
import { memoryLimitFiles, parseMemoryLimit } from './cgroup.ts'
import { openFilesLimit, totalMemory } from './proc-text.ts'

/** What this process may use; undefined where there is no limit, or none that can be read. */
export interface MachineLimits {
  /** Bytes: the least of the limits of its control groups and of the memory of the machine. */
  readonly memory: number | undefined
  /** Descriptors: the soft limit. Node raises it to the hard limit when it starts. */
  readonly openFiles: number | undefined
}

/**
 * Reads the limits from `/proc` and `/sys/fs/cgroup`. Never rejects.
 *
 * @param root the directory that these are in, for tests
 */
export async function readMachineLimits(root = ''): Promise<MachineLimits> {
  const [cgroups, meminfo, limits] = await Promise.all([
    readText(`${root}/proc/self/cgroup`),
    readText(`${root}/proc/meminfo`),
    readText(`${root}/proc/self/limits`)
  ])
  const files = memoryLimitFiles(cgroups).map(async (file) => readText(root + file))
  const memory = (await Promise.all(files)).map(parseMemoryLimit)
  return {
    memory: least([...memory, totalMemory(meminfo)]),
    openFiles: openFilesLimit(limits)
  }
}

/** The text of a file; nothing when it cannot be read. */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return ''
  }
}

function least(numbers: (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
