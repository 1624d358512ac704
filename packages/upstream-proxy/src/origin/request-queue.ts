import type { Exchange } from '../exchange.ts'
import { isUnfinished, type UploadShares } from './upload-shares.ts'
import type { Waiting } from './waiting.ts'

/** The requests that wait for a connection: first come, first served, but uploads leave a share to other requests. */
export class RequestQueue {
  /** An array rather than a Set, for the reason given at `Deadlines`. */
  readonly #waiting: Waiting[] = []
  readonly #uploads: UploadShares

  constructor(uploads: UploadShares) {
    this.#uploads = uploads
  }

  get count(): number {
    return this.#waiting.length
  }

  /** The first request that may have a connection. */
  get first(): Waiting | undefined {
    const [first] = this.#waiting
    if (first === undefined || this.#uploads.mayStart(first.request)) return first
    return this.#waiting.find(({ request }) => this.#uploads.mayStart(request))
  }

  /** Takes the first request that may have a connection. */
  takeFirst(): Waiting | undefined {
    const { first } = this
    if (first !== undefined) this.remove(first)
    return first
  }

  /** Takes the first request, whether it may have a connection or not. */
  shift(): Waiting | undefined {
    return this.#waiting.shift()
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting)
  }

  remove(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting)
    if (at !== -1) this.#waiting.splice(at, 1)
  }

  /** The number of requests before an exchange; -1 when it does not wait. */
  indexOf(exchange: Exchange): number {
    return this.#waiting.indexOf(exchange as Waiting)
  }

  /** Whether the request at an index may have a connection. */
  mayStart(index: number): boolean {
    const waiting = this.#waiting[index]
    return waiting !== undefined && this.#uploads.mayStart(waiting.request)
  }

  /** Whether one more request whose body is still arriving may wait. */
  mayAddUpload(maxPending: number): boolean {
    const uploads = this.#waiting.filter(({ request }) => isUnfinished(request)).length
    return this.#uploads.mayWait(uploads, maxPending)
  }

  /** The number of requests that may have a connection, if they start in this order. */
  countReady(): number {
    return this.#uploads.countReady(this.#waiting)
  }
}
