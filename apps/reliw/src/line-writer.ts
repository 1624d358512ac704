import { write } from 'node:fs'

/** Lines are copied into a buffer of this many bytes, and written from there. */
const BUFFER = 64 * 1024
/** Bytes that are worth a write of their own. */
const ENOUGH = 32 * 1024
/** Longest that a line waits for company, in milliseconds. */
const PATIENCE = 250
/** Full buffers that may wait for a slow disk; lines beyond them are dropped. */
const MAX_WAITING = 32
/** Milliseconds until a full pipe is tried again. */
const PIPE_PAUSE = 10

/** Lines on their way. */
interface Batch {
  bytes: Buffer
  lines: number
}

/** Writes lines to a file descriptor in the background: no line ever waits for the disk. */
export class LineWriter {
  readonly #fd: number
  #buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER)
  /** A buffer that was written out, to be filled again. */
  #spare: Buffer | undefined
  #length = 0
  #lines = 0
  readonly #waiting: Batch[] = []
  #isWriting = false
  #timer: NodeJS.Timeout | undefined
  #idle: (() => void)[] = []
  /** Lines that were dropped because the disk was too slow or refused them. */
  dropped = 0

  constructor(fd: number) {
    this.#fd = fd
  }

  /** Takes one line, with its line end. */
  write(line: string): void {
    if (this.#length + 3 * line.length > BUFFER) {
      this.#rotate()
      if (3 * line.length > BUFFER) return this.#wait({ bytes: Buffer.from(line), lines: 1 })
    }
    this.#length += this.#buffer.write(line, this.#length)
    this.#lines++
    if (this.#length >= ENOUGH && !this.#isWriting) this.#rotate()
    else this.#timer ??= setTimeout(() => this.#rotate(), PATIENCE).unref()
  }

  /** Settles when everything taken so far is written, or dropped. */
  async flush(): Promise<void> {
    this.#rotate()
    if (this.#isWriting) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #rotate(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#length === 0) return
    const batch = { bytes: this.#buffer.subarray(0, this.#length), lines: this.#lines }
    this.#buffer = this.#spare ?? Buffer.allocUnsafeSlow(BUFFER)
    this.#spare = undefined
    this.#length = 0
    this.#lines = 0
    this.#wait(batch)
  }

  #wait(batch: Batch): void {
    if (this.#waiting.length >= MAX_WAITING) this.dropped += batch.lines
    else this.#waiting.push(batch)
    if (!this.#isWriting) this.#next()
  }

  #next(): void {
    const batch = this.#waiting.shift()
    this.#isWriting = batch !== undefined
    if (batch === undefined) for (const resolve of this.#idle.splice(0)) resolve()
    else write(this.#fd, batch.bytes, (error, written) => this.#written(batch, error, written))
  }

  #written({ bytes, lines }: Batch, error: NodeJS.ErrnoException | null, written: number): void {
    if (error?.code === 'EAGAIN') {
      this.#waiting.unshift({ bytes, lines })
      setTimeout(() => this.#next(), PIPE_PAUSE)
      return
    }
    if (error) this.dropped += lines
    else if (written < bytes.length) {
      this.#waiting.unshift({ bytes: bytes.subarray(written), lines })
    } else if (bytes.byteOffset === 0 && bytes.buffer.byteLength === BUFFER) {
      this.#spare = Buffer.from(bytes.buffer)
    }
    this.#next()
  }
}
