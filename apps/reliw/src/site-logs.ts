import { join } from 'node:path'
import type { Logger } from 'pino'
import { LineWriter } from './line-writer.ts'
import { openLogFileSync } from './open-log-file.ts'

/** Maximum number of open files; the one that was not written to for longest is closed for another. */
const MAX_OPEN = 128
/** Maximum number of files that are being closed while the disk is slow; further lines go to the server's log. */
const MAX_CLOSING = 64
/** Size of the buffers of one file, in bytes: up to ten while the disk is slow. */
const BUFFER = 32 * 1024
/** Time until a file that could not be opened is tried again, in milliseconds. */
const RETRY = 10_000
/** Maximum number of such files that are remembered; beyond this all are forgotten and tried again. */
const MAX_FAILED = 1000

/** The access logs of sites, one file for each name. Lines are written in the background. */
export class SiteLogs {
  readonly #folder: string
  readonly #log: Logger
  /** Open files, the one that was written to last at the end. */
  readonly #open = new Map<string, LineWriter>()
  readonly #closing = new Set<Promise<void>>()
  /** When files may be tried again, by `performance.now()`. */
  readonly #failed = new Map<string, number>()
  #droppedBefore = 0

  constructor(folder: string, log: Logger) {
    this.#folder = folder
    this.#log = log
  }

  /** Number of lines that were dropped because the disk was too slow or reported an error. */
  get dropped(): number {
    let sum = this.#droppedBefore
    for (const { dropped } of this.#open.values()) sum += dropped
    return sum
  }

  /**
   * Writes a complete line; returns false when the file cannot be opened.
   *
   * @param file a name without folders
   */
  write(file: string, line: string): boolean {
    const writer = this.#open.get(file) ?? this.#openFile(file)
    if (writer === undefined) return false
    this.#open.delete(file)
    this.#open.set(file, writer)
    writer.write(line)
    return true
  }

  /** Closes all files: the next line of each opens it again by its name. */
  reopen(): void {
    for (const file of this.#open.keys()) this.#close(file)
    this.#failed.clear()
  }

  /** Settles when all lines so far have been written or dropped. */
  async flush(): Promise<void> {
    const open = [...this.#open.values()].map((writer) => writer.flush())
    await Promise.all([...open, ...this.#closing])
  }

  #openFile(file: string): LineWriter | undefined {
    if ((this.#failed.get(file) ?? 0) > performance.now()) return undefined
    if (this.#open.size >= MAX_OPEN) {
      if (this.#closing.size >= MAX_CLOSING) return undefined
      const [oldest = ''] = this.#open.keys()
      this.#close(oldest)
    }
    try {
      const writer = new LineWriter(openLogFileSync(join(this.#folder, file)), BUFFER)
      this.#failed.delete(file)
      return writer
    } catch (err) {
      if (this.#failed.size >= MAX_FAILED) this.#failed.clear()
      this.#failed.set(file, performance.now() + RETRY)
      this.#log.error({ access_log: file, err }, 'access log of a site cannot be opened')
      return undefined
    }
  }

  #close(file: string): void {
    const writer = this.#open.get(file)
    if (writer === undefined) return
    this.#open.delete(file)
    const closed = this.#finish(writer).finally(() => this.#closing.delete(closed))
    this.#closing.add(closed)
  }

  async #finish(writer: LineWriter): Promise<void> {
    await writer.close()
    this.#droppedBefore += writer.dropped
  }
}
