import { statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'

/** Counts the file descriptors that this process has open. */
export class OpenFiles {
  readonly #directory: string
  #listed: number | undefined
  #isListing = false

  /** @param directory that has an entry for each, for tests */
  constructor(directory = '/proc/self/fd') {
    this.#directory = directory
  }

  /**
   * From Linux 6.2 on the size of the directory is the count, some 4 µs away. Before, it is 0 and
   * the directory has to be listed, which is done in the background: the count is then the one that
   * an earlier call asked for.
   *
   * @returns undefined where it is not known; Infinity when no more files can be opened
   */
  read(): number | undefined {
    const size = this.#size()
    if (size !== 0) return size
    if (!this.#isListing) void this.#list()
    return this.#listed
  }

  #size(): number | undefined {
    try {
      return statSync(this.#directory).size
    } catch {
      return undefined
    }
  }

  async #list(): Promise<void> {
    this.#isListing = true
    this.#listed = await countEntries(this.#directory)
    this.#isListing = false
  }
}

/** Entries of a directory of descriptors, without the one that it is itself read by. */
export async function countEntries(directory: string): Promise<number | undefined> {
  try {
    return (await readdir(directory)).length - 1
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'EMFILE' || code === 'ENFILE' ? Number.POSITIVE_INFINITY : undefined
  }
}
