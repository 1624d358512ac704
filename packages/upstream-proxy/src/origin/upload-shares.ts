import type { OriginRequest, RequestBody } from '../exchange.ts'
import { Share } from './share.ts'

/** The share of connections, and of places to wait, for requests whose bodies are still arriving. */
const UPLOADS = 3 / 4
/** The share of connections for requests with `Expect: 100-continue` whose bodies have not begun to arrive. */
const ANNOUNCED = 1 / 8

/** Whether the body of a request is still arriving: only such requests need a share. */
export function isUnfinished({ body }: OriginRequest): boolean {
  return body?.isWhole === false
}

/** The shares of an origin's connections for requests with bodies still arriving: clients may be slow. */
export class UploadShares {
  readonly #uploads: Share
  readonly #announced: Share
  readonly #canExpect: () => boolean

  /**
   * @param places the current number of connections for all kinds of request
   * @param canExpect whether requests with `Expect: 100-continue` can be sent; not over HTTP/2, where many origins
   *   respond to them with an error
   */
  constructor(places: () => number, canExpect: () => boolean) {
    this.#uploads = new Share(UPLOADS, places)
    this.#announced = new Share(ANNOUNCED, places)
    this.#canExpect = canExpect
  }

  /** Number of connections taken by requests with bodies still arriving, or announced but not begun. */
  get taken(): number {
    return this.#uploads.taken + this.#announced.taken
  }

  /** Whether one more request of a client may be sent before its body has arrived completely. */
  hasRoom(client?: string): boolean {
    return this.#uploads.hasRoom(client)
  }

  /**
   * Whether an origin may decide whether it gets a client's body.
   *
   * security: an announced request becomes an upload with the first byte of its body. Both shares need room, or uploads
   * would exceed theirs.
   */
  mayAnnounce(client?: string): boolean {
    return this.#canExpect() && this.#announced.hasRoom(client) && this.#uploads.hasRoom(client)
  }

  /** Whether a request may have a connection now. */
  mayStart(request: OriginRequest): boolean {
    const { body } = request
    if (body === undefined || !isUnfinished(request)) return true
    const isAnnounced = this.#shareOf(body) === this.#announced
    return isAnnounced ? this.mayAnnounce(body.client) : this.hasRoom(body.client)
  }

  /**
   * Whether one more request whose body is still arriving may wait for a connection.
   *
   * @param waiting number of such requests that wait already
   * @param maxPending maximum number of requests of all kinds that wait
   */
  mayWait(waiting: number, maxPending: number): boolean {
    const beyond = waiting + this.#uploads.taken - this.#uploads.most
    return beyond < Math.floor(maxPending * UPLOADS)
  }

  /** Takes a connection for a body that is still arriving, until the returned function is called. */
  take(body: RequestBody): () => void {
    const { client } = body
    let share = this.#shareOf(body)
    share.take(client)
    if (share === this.#announced)
      body.whenBegun = () => {
        share.giveBack(client)
        share = this.#uploads
        share.take(client)
      }
    return () => {
      body.whenBegun = undefined
      share.giveBack(client)
    }
  }

  /** The number of requests that may have a connection, if they start in this order. */
  countReady(waiting: readonly { readonly request: OriginRequest }[]): number {
    let ready = 0
    const taken: [Share, RequestBody][] = []
    for (const { request } of waiting) {
      if (!this.mayStart(request)) continue
      ready++
      const { body } = request
      if (body === undefined || !isUnfinished(request)) continue
      const share = this.#shareOf(body)
      share.take(body.client)
      taken.push([share, body])
    }
    for (const [share, { client }] of taken) share.giveBack(client)
    return ready
  }

  #shareOf(body: RequestBody): Share {
    return body.isAwaited === true && this.#canExpect() ? this.#announced : this.#uploads
  }
}
