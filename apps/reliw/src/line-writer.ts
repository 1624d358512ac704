import { close, write } from 'node:fs'

/** Lines are copied into a buffer of this many bytes, and written from there. */
const BUFFER = 256 * 1024
/** Bytes that are worth a write of their own. */
const ENOUGH = 192 * 1024
/** Longest that a line waits for company, in milliseconds. */
const PATIENCE = 250
/** Full buffers that may wait for a slow disk; lines beyond them are dropped. */
const MAX_WAITING = 8
/** Milliseconds until a full pipe is tried again. */
const PIPE_PAUSE = 10
const LINE_END = 10

/** Writes lines to a file descriptor in the background: no line ever waits for the disk. */
export class LineWriter {
  #fd: number
  #buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER)
  /** A buffer that was written out, to be filled again. */
  #spare: Buffer | undefined
  #length = 0
  /** What waits to be written, and what is to be done when all before it is. */
  readonly #queue: (Buffer | (() => void))[] = []
  #isWriting = false
  /** Of the buffer at the head of the queue a part is written already. */
  #isPartial = false
  /** The last line in the file has lost its end. */
  #isTorn = false
  #timer: NodeJS.Timeout | undefined
  #reopened: Promise<void> = Promise.resolve()
  /** Lines that were dropped because the disk was too slow or refused them. */
  dropped = 0
  /** Called when the disk has taken something. */
  onWritten: (() => void) | undefined

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

  /** Settles when everything taken so far is written, or dropped. */
  flush(): Promise<void> {
    return new Promise((resolve) => this.#after(resolve))
  }

  /**
   * Goes on with another file, once it is open. Lines that were taken until then go to the old one, which is closed
   * after them. Files are opened one after the other, in the order in which they were asked for.
   *
   * Rejects with what `open` rejects with: the old file stays.
   */
  reopen(open: () => Promise<number>): Promise<void> {
    const reopened = this.#reopened.then(open).then((fd) => this.#switch(fd))
    this.#reopened = reopened.catch(() => undefined)
    return reopened
  }

  #switch(fd: number): Promise<void> {
    return new Promise((resolve) =>
      this.#after(() => {
        close(this.#fd, () => undefined)
        this.#fd = fd
        this.#isTorn = false
        resolve()
      })
    )
  }

  #after(act: () => void): void {
    this.#rotate()
    this.#queue.push(act)
    if (!this.#isWriting) this.#next()
  }

  #rotate(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#length === 0) return
    const lines = this.#buffer.subarray(0, this.#length)
    this.#buffer = this.#spare ?? Buffer.allocUnsafeSlow(BUFFER)
    this.#spare = undefined
    this.#length = 0
    this.#wait(lines)
  }

  #wait(lines: Buffer): void {
    if (this.#queue.length >= MAX_WAITING) this.dropped += countLines(lines)
    else this.#queue.push(lines)
    if (!this.#isWriting) this.#next()
  }

  #next(): void {
    const next = this.#queue.shift()
    this.#isWriting = next !== undefined
    if (next === undefined) return
    if (typeof next === 'function') {
      next()
      this.#next()
    } else if (this.#isTorn && !this.#isPartial) {
      write(this.#fd, '\n', (error) => {
        this.#isTorn = error !== null
        this.#put(next)
      })
    } else this.#put(next)
  }

  #put(bytes: Buffer): void {
    write(this.#fd, bytes, (error, written) => this.#written(bytes, error, written))
  }

  #written(bytes: Buffer, error: NodeJS.ErrnoException | null, written: number): void {
    if (error?.code === 'EAGAIN') {
      this.#queue.unshift(bytes)
      setTimeout(() => this.#next(), PIPE_PAUSE)
      return
    }
    const isPartial = error === null && written < bytes.length
    if (isPartial) this.#queue.unshift(bytes.subarray(written))
    else if (error === null) this.#release(bytes)
    else {
      this.dropped += countLines(bytes)
      this.#isTorn ||= this.#isPartial
    }
    this.#isPartial = isPartial
    this.#next()
  }

  #release(bytes: Buffer): void {
    if (bytes.byteOffset === 0 && bytes.buffer.byteLength === BUFFER) {
      this.#spare = Buffer.from(bytes.buffer)
    }
    this.#isTorn = false
    this.onWritten?.()
  }
}

function countLines(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(LINE_END); at >= 0; at = bytes.indexOf(LINE_END, at + 1)) count++
  return count
}
