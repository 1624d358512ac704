import { close, write } from 'node:fs'

/** Default size of the buffers that lines are collected in, in bytes. */
const BUFFER = 256 * 1024
/** A buffer that is filled to this share is written at once. */
const ENOUGH = 0.75
/** Longest time that a line waits for further lines, in milliseconds. */
const PATIENCE = 250
/** Maximum length of the queue while the disk is slow, in buffers; further lines are dropped. */
const MAX_WAITING = 8
/** Time until a write to a full pipe is tried again, in milliseconds. */
const PIPE_PAUSE = 10
const LINE_END = 10

/** Writes lines to a file descriptor in the background: writing a line never waits for the disk. */
export class LineWriter {
  #fd: number
  readonly #size: number
  #buffer: Buffer
  /** A buffer that has been written and can be filled again. */
  #spare: Buffer | undefined
  #length = 0
  /** Bytes to write, and functions to call when everything before them has been written. */
  readonly #queue: (Buffer | (() => void))[] = []
  #isWriting = false
  /** Whether part of the buffer at the head of the queue has already been written. */
  #isPartial = false
  /** Whether the last line in the file is incomplete. */
  #isTorn = false
  #timer: NodeJS.Timeout | undefined
  #reopened: Promise<void> = Promise.resolve()
  /** Number of lines that were dropped because the disk was too slow or reported an error. */
  dropped = 0
  /** Called after a successful write. */
  onWritten: (() => void) | undefined

  /** @param size of the buffers, in bytes */
  constructor(fd: number, size = BUFFER) {
    this.#fd = fd
    this.#size = size
    this.#buffer = Buffer.allocUnsafeSlow(size)
  }

  /** Writes one line, which includes its line end. */
  write(line: string): void {
    if (this.#length + 3 * line.length > this.#size) {
      this.#rotate()
      if (3 * line.length > this.#size) return this.#wait(Buffer.from(line))
    }
    this.#length += this.#buffer.write(line, this.#length)
    if (this.#length >= ENOUGH * this.#size && !this.#isWriting) this.#rotate()
    else this.#timer ??= setTimeout(() => this.#rotate(), PATIENCE).unref()
  }

  /** Settles when all lines so far have been written or dropped. */
  flush(): Promise<void> {
    return new Promise((resolve) => this.#after(resolve))
  }

  /** Closes the file after all lines so far have been written or dropped. No line may be written after the call. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#after(() => close(this.#fd, () => resolve())))
  }

  /**
   * Continues with another file once it is open. Earlier lines go to the old file, which is then closed. Files are
   * opened one at a time, in the order of the calls.
   *
   * Rejects with the error of `open`; the old file then stays in use.
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
    this.#buffer = this.#spare ?? Buffer.allocUnsafeSlow(this.#size)
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
    if (bytes.byteOffset === 0 && bytes.buffer.byteLength === this.#size) {
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
