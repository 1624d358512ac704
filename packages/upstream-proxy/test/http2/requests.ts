import type { BodySink, OriginRequest, RequestBody } from '../../src/exchange.ts'

/** A request for what does not matter, but for what is given. */
export function request(given: Partial<OriginRequest> = {}): OriginRequest {
  return {
    method: given.body === undefined ? 'GET' : 'POST',
    path: '/',
    scheme: 'https',
    authority: 'origin.test',
    headers: [],
    body: undefined,
    upgrade: undefined,
    ...given
  }
}

/** A body that a test sends by hand. */
export class TestBody implements RequestBody {
  readonly length: number | undefined
  /** Whether the sink asked for a pause, ever. */
  hasPaused = false
  #sink: BodySink | undefined
  #onResume: (() => void) | undefined

  constructor(length?: number) {
    this.length = length
  }

  get isUsed(): boolean {
    return this.#sink !== undefined
  }

  start(sink: BodySink): void {
    this.#sink = sink
  }

  resume(): void {
    this.#onResume?.()
  }

  send(chunk: string | Buffer): boolean {
    const takesMore = this.#sink?.onChunk(Buffer.from(chunk), 'given') ?? true
    if (!takesMore) this.hasPaused = true
    return takesMore
  }

  end(trailers: readonly string[] = []): void {
    this.#sink?.onEnd(trailers)
  }

  /** Sends pieces as fast as the sink takes them, and ends. */
  async sendAll(bytes: Buffer, pieceLength: number): Promise<void> {
    for (let at = 0; at < bytes.length; at += pieceLength) {
      const resumed = new Promise<void>((resolve) => (this.#onResume = resolve))
      // oxlint-disable-next-line no-await-in-loop
      if (!this.send(bytes.subarray(at, at + pieceLength))) await resumed
    }
    this.end()
  }
}
