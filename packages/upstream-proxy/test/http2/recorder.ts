import type { OriginFailure, ResponseHandler } from '../../src/exchange.ts'

/** A handler that keeps what it is told, and counts what must come once only. */
export class Recorder implements ResponseHandler {
  readonly informations: (readonly [number, readonly string[]])[] = []
  readonly chunks: Buffer[] = []
  readonly trailers: string[] = []
  status = 0
  headers: readonly string[] = []
  failure: OriginFailure | undefined
  /** How often an end or an error was told. */
  endings = 0
  /** Whether it takes more after this chunk. */
  accept: (chunk: Buffer) => boolean = () => true
  readonly #head = Promise.withResolvers<void>()
  readonly #over = Promise.withResolvers<void>()

  get body(): Buffer {
    return Buffer.concat(this.chunks)
  }

  /** Resolves once the head is here. */
  get head(): Promise<void> {
    return this.#head.promise
  }

  /** Resolves at the end, be it an error. */
  get over(): Promise<void> {
    return this.#over.promise
  }

  onInterim(status: number, headers: readonly string[]): void {
    this.informations.push([status, headers])
  }

  onHead(status: number, headers: readonly string[]): void {
    this.status = status
    this.headers = headers
    this.#head.resolve()
  }

  onData(chunk: Buffer): boolean {
    this.chunks.push(chunk)
    return this.accept(chunk)
  }

  onEnd(trailers: readonly string[]): void {
    this.trailers.push(...trailers)
    this.#end()
  }

  onUpgrade(): void {
    throw new Error('HTTP/2 upgrades to nothing')
  }

  onError(error: OriginFailure): void {
    this.failure = error
    this.#end()
  }

  #end(): void {
    this.endings++
    this.#over.resolve()
  }
}
