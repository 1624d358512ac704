const NOTHING = Buffer.alloc(0)
/** What is kept of a connection; a parser sees all the same what comes after it. */
const MAX_RECORD = 4 * 1024 * 1024

/** Lets a parser ask for the bytes of a connection, whatever pieces they come in, and keeps them. */
export class ByteReader {
  #record: Buffer[] = []
  #recorded = 0
  #consumed = 0
  #pending: Buffer = NOTHING
  #hasEnded = false
  #wake: () => void = () => undefined

  /** All that ever came, read or not: its first 4 MiB. */
  get record(): Buffer {
    const whole = Buffer.concat(this.#record)
    this.#record = [whole]
    return whole
  }

  /** How many bytes were read. */
  get position(): number {
    return this.#consumed
  }

  push(chunk: Buffer): void {
    const kept = chunk.subarray(0, MAX_RECORD - this.#recorded)
    if (kept.length > 0) this.#record.push(kept)
    this.#recorded += kept.length
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    this.#wake()
  }

  /** Nothing comes any more. */
  end(): void {
    this.#hasEnded = true
    this.#wake()
  }

  /**
   * Reads through the first `mark`. Rejects when there is none in the first `limit` bytes.
   *
   * @returns undefined when the connection ended instead of beginning with it
   */
  async readThrough(mark: string, limit: number): Promise<string | undefined> {
    for (;;) {
      const index = this.#pending.subarray(0, limit).indexOf(mark, 0, 'latin1')
      if (index !== -1) return this.#take(index + mark.length).toString('latin1')
      if (this.#pending.length >= limit) throw new Error(`more than ${limit} bytes without an end`)
      if (this.#hasEnded && this.#pending.length === 0) return undefined
      await this.#more()
    }
  }

  /** Reads what there is: at least one byte, and `most` bytes at most. */
  async readSome(most: number): Promise<Buffer> {
    while (this.#pending.length === 0) await this.#more()
    return this.#take(most)
  }

  /** Ends the reading; returns what was not read. */
  detach(): Buffer {
    this.end()
    return this.#take(this.#pending.length)
  }

  #take(most: number): Buffer {
    const taken = this.#pending.subarray(0, most)
    this.#pending = this.#pending.subarray(taken.length)
    this.#consumed += taken.length
    return taken
  }

  async #more(): Promise<void> {
    if (this.#hasEnded) throw new Error('the connection ended too early')
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    await promise
  }
}
