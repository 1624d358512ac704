import { write, writeSync } from 'node:fs'

/** Lines are copied into a buffer of this many bytes, and written from there. */
const BUFFER = 64 * 1024
/** Bytes that are worth a write of their own. */
const ENOUGH = 8 * 1024
/** Longest that a line waits for company, in milliseconds. */
const PATIENCE = 250
/** Full buffers that may wait for a slow disk; lines beyond them are dropped. */
const MAX_WAITING = 32
/** Milliseconds until a full pipe is tried again. */
const PIPE_PAUSE = 10

/** Writes lines to a file descriptor in the background: no line ever waits for the disk. */
export class LineWriter {
  readonly #fd: number
  #buffer = Buffer.allocUnsafe(BUFFER)
  #length = 0
  readonly #waiting: Buffer[] = []
  #isWriting = false
  #timer: NodeJS.Timeout | undefined
  /** Lines that were dropped because the disk was too slow or refused them. */
  dropped = 0

  constructor(fd: number) {
    this.#fd = fd
  }

  /** Takes one line, with its line end. */
  write(line: string): void {
    if (this.#length + 3 * line.length > BUFFER) {
      this.#rotate()
      if (3 * line.length > BUFFER) return this.#wait(Buffer.from(line))
    }
    this.#length += this.#buffer.write(line, this.#length)
    if (this.#length >= ENOUGH && !this.#isWriting) this.#rotate()
    else this.#timer ??= setTimeout(() => this.#rotate(), PATIENCE).unref()
  }

  /** Writes everything that waits before it returns: for the end of the process. */
  flushSync(): void {
    const rest = [...this.#waiting.splice(0), this.#buffer.subarray(0, this.#length)]
    this.#length = 0
    try {
      for (const bytes of rest) writeSync(this.#fd, bytes)
    } catch {
      this.dropped++
    }
  }

  #rotate(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#length === 0) return
    const full = this.#buffer.subarray(0, this.#length)
    this.#buffer = Buffer.allocUnsafe(BUFFER)
    this.#length = 0
    this.#wait(full)
  }

  #wait(bytes: Buffer): void {
    if (this.#waiting.length >= MAX_WAITING) this.dropped++
    else this.#waiting.push(bytes)
    this.#next()
  }

  #next(): void {
    if (this.#isWriting) return
    const bytes = this.#waiting[0]
    if (bytes === undefined) return
    this.#isWriting = true
    write(this.#fd, bytes, (error, written) => {
      this.#isWriting = false
      if (this.#waiting[0] === bytes) this.#waiting.shift()
      const rest = bytes.subarray(written)
      if (error?.code === 'EAGAIN') this.#again(bytes)
      else if (error) this.dropped++
      else if (rest.length > 0) this.#waiting.unshift(rest)
      this.#next()
    })
  }

  #again(bytes: Buffer): void {
    this.#waiting.unshift(bytes)
    this.#isWriting = true
    setTimeout(() => {
      this.#isWriting = false
      this.#next()
    }, PIPE_PAUSE)
  }
}
