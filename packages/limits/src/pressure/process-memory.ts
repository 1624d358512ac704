import { closeSync, openSync, readSync } from 'node:fs'
import { anonymousMemory } from './proc-text.ts'

/** Enough for a process in a thousand groups, which are listed before what is looked for. */
const TEXT_SIZE = 16_384

/**
 * Reads how much memory the process has. Linux tells what only swapping could free, in a file that
 * stays open, so that it can be read when no other can be opened; that takes some 10 µs and waits
 * for no disk. Elsewhere it is all that is resident, mapped files too.
 */
export class ProcessMemory {
  /** Whether it is told without mapped files. */
  readonly isAnonymous: boolean
  readonly #text = Buffer.allocUnsafeSlow(TEXT_SIZE)
  #file: number | undefined

  /** @param path of a text as `/proc/<pid>/status` is, for tests */
  constructor(path = '/proc/self/status') {
    this.#file = openText(path)
    this.isAnonymous = this.#readAnonymous() !== undefined
  }

  /** Bytes; undefined when they cannot be told. */
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

/** On Linux it opens a file, and throws when none can be opened. */
function residentMemory(): number | undefined {
  try {
    return process.memoryUsage.rss()
  } catch {
    return undefined
  }
}
