import { closeSync, openSync, readSync } from 'node:fs'
import { anonymousMemory } from './proc-text.ts'

/** Buffer size in bytes: enough for a process in a thousand groups, which the file lists before the memory fields. */
const TEXT_SIZE = 16_384

/**
 * Reads the memory of this process. On Linux, this is the memory that only swapping could free, read from a file that
 * stays open, so that it works when no other file can be opened; a read takes about 10 µs and does not wait for a disk.
 * Elsewhere it is all resident memory, mapped files included.
 */
export class ProcessMemory {
  /** Whether the value excludes mapped files. */
  readonly isAnonymous: boolean
  readonly #text = Buffer.allocUnsafeSlow(TEXT_SIZE)
  #file: number | undefined

  /** @param path a file in the format of `/proc/<pid>/status`, for tests */
  constructor(path = '/proc/self/status') {
    this.#file = openText(path)
    this.isAnonymous = this.#readAnonymous() !== undefined
  }

  /** In bytes; undefined when it cannot be read. */
  read(): number | undefined {
    return this.isAnonymous ? this.#readAnonymous() : residentMemory()
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  #readAnonymous(): number | undefined {
    if (this.#file === undefined) return undefined
    const length = readSync(this.#file, this.#text, 0, TEXT_SIZE, 0)
    return anonymousMemory(this.#text.toString('latin1', 0, length))
  }
}

function openText(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch {
    return undefined
  }
}

/** On Linux, `rss()` opens a file and throws when none can be opened. */
function residentMemory(): number | undefined {
  try {
    return process.memoryUsage.rss()
  } catch {
    return undefined
  }
}
