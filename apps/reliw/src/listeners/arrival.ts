import type { Socket } from 'node:net'
import { readProxyHeader, type Source } from '@reliw/http'
import { guarded } from '@reliw/options'

/** Why a connection was closed: its header was missing, malformed, too slow, or broken off; or not a byte arrived. */
export type Closed = 'missing' | 'malformed' | 'late' | 'incomplete' | 'silent'

/**
 * A connection that begins with a PROXY header, until the header has arrived. The number of bytes held is bounded by the
 * reader of the header and by the size of one read.
 */
export class Arrival {
  readonly #socket: Socket
  readonly #isRequired: boolean
  readonly #onEnd: (result: Source | undefined | Closed) => void
  readonly #timer: NodeJS.Timeout
  #bytes: Buffer = Buffer.alloc(0)

  /**
   * @param ms how long the header may take to arrive
   * @param onEnd called once: with the source of the connection, undefined where there is none, or with the reason for
   *   which the connection was closed
   */
  constructor(
    socket: Socket,
    isRequired: boolean,
    ms: number,
    onEnd: (result: Source | undefined | Closed) => void
  ) {
    this.#socket = socket
    this.#isRequired = isRequired
    this.#onEnd = onEnd
    this.#timer = setTimeout(this.#late, ms).unref()
    socket.on('readable', this.#read)
    socket.on('end', this.#incomplete).on('error', ignore).on('close', this.#incomplete)
  }

  /** Closes the connection. */
  close(): void {
    this.#refuse('late')
  }

  readonly #guard = <A extends unknown[]>(call: (...args: A) => void): ((...args: A) => void) =>
    guarded(call, () => void this.#socket.destroy())
  readonly #late = this.#guard(() => this.#refuse('late'))
  readonly #incomplete = this.#guard(() => this.#refuse('incomplete'))
  readonly #read = this.#guard(() => {
    const chunk = this.#socket.read() as Buffer | null
    if (chunk === null) return
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    const header = readProxyHeader(this.#bytes)
    if (header === 'partial') return
    if (header === 'invalid') return this.#refuse('malformed')
    if (header !== 'absent') return this.#accept(header.length, header.source)
    if (this.#isRequired) return this.#refuse('missing')
    this.#accept(0, undefined)
  })

  #accept(length: number, source: Source | undefined): void {
    this.#leave()
    if (this.#bytes.length > length) this.#socket.unshift(this.#bytes.subarray(length))
    this.#onEnd(source)
  }

  #refuse(reason: Closed): void {
    this.#leave()
    this.#socket.on('error', ignore)
    this.#socket.destroy()
    this.#onEnd(this.#bytes.length > 0 ? reason : 'silent')
  }

  #leave(): void {
    clearTimeout(this.#timer)
    const socket = this.#socket
    socket.off('readable', this.#read).off('end', this.#incomplete)
    socket.off('error', ignore).off('close', this.#incomplete)
  }
}

function ignore(): void {}
