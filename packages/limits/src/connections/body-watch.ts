import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { guarded } from '@reliw/options'
import { ArrivingBody } from './arriving-body.ts'
import { type BodyLimits, type CutReason, DEFAULT_BODY_LIMITS } from './body-limits.ts'

/** Decides what becomes of a client that is too slow: see `endSlowRequest`. */
export type OnCut = (request: IncomingMessage, response: ServerResponse, reason: CutReason) => void

export interface BodyWatchOptions extends Partial<BodyLimits> {
  /** How far apart the looks are, in ms: nobody is cut off later than two of them. Default 500. */
  readonly interval?: number
}

/**
 * Finds the clients that send the bodies of their requests too slowly. It reads nothing of them: it
 * looks at what arrives on the sockets, and leaves out the time during which it is us who do not
 * read. One timer for all, which runs only while there are such requests.
 *
 * Who answers before the body has come is still sent the rest of it, which node reads past: that is
 * watched, too.
 */
export class BodyWatch {
  readonly #limits: BodyLimits
  readonly #interval: number
  readonly #onCut: OnCut
  readonly #bodies: ArrivingBody[] = []
  #timer: NodeJS.Timeout | undefined
  #lastLook = 0

  /** @param onCut told once of each; by then the request is not watched any more */
  constructor({ interval = 500, ...limits }: BodyWatchOptions, onCut: OnCut) {
    this.#limits = { ...DEFAULT_BODY_LIMITS, ...limits }
    this.#interval = interval
    this.#onCut = onCut
  }

  /** How many requests are watched. */
  get size(): number {
    return this.#bodies.length
  }

  /**
   * To be called as soon as there is a request. Those without a body, and HTTP/2, are left alone.
   */
  watch(request: IncomingMessage, response: ServerResponse): void {
    if (!hasBody(request) || !isOnSocket(request)) return
    // Node is in the middle of the bytes that the head was in, and goes on with the body.
    process.nextTick(this.#begin, new ArrivingBody(request, response))
  }

  readonly #begin = guarded(
    (body: ArrivingBody): void => {
      if (body.isOver) return
      body.countFirst()
      body.slot = this.#bodies.push(body) - 1
      // One that is kept until the next look grows old with all of its buffers, and is collected dearly.
      body.request.once('end', () => this.#remove(body))
      if (this.#timer !== undefined) return
      this.#lastLook = performance.now()
      this.#timer = setInterval(this.#guardedLook, this.#interval).unref()
    },
    (_error, { request }) => request.socket.destroy()
  )

  /** Watches nobody any more. */
  close(): void {
    this.#bodies.length = 0
    this.#stop()
  }

  readonly #guardedLook = guarded(
    () => this.#look(),
    () => undefined
  )

  #look(): void {
    const now = performance.now()
    // What came while the process was busy is not read yet: such a time counts for little.
    const elapsed = Math.min(now - this.#lastLook, 2 * this.#interval)
    this.#lastLook = now
    // From the end: whoever is removed is replaced by one that was looked at already.
    for (let at = this.#bodies.length - 1; at >= 0; at--) {
      const body = this.#bodies[at]
      if (body === undefined) continue
      const reason = body.isOver ? undefined : body.look(this.#limits, now, elapsed)
      if (reason === undefined && !body.isOver) continue
      this.#remove(body)
      if (reason !== undefined) this.#cut(body, reason)
    }
    if (this.#bodies.length === 0) this.#stop()
  }

  /** One that cannot be told must not keep the others from being looked at. */
  #cut({ request, response }: ArrivingBody, reason: CutReason): void {
    try {
      this.#onCut(request, response, reason)
    } catch {
      request.socket.destroy()
    }
  }

  #remove(body: ArrivingBody): void {
    const { slot } = body
    if (this.#bodies[slot] !== body) return
    const last = this.#bodies.pop()
    if (last === undefined || last === body) return
    this.#bodies[slot] = last
    last.slot = slot
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

/** Whether a request says that it has a body (RFC 9112 6.3). */
function hasBody(request: IncomingMessage): boolean {
  const { headers } = request
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length ?? '0') !== '0'
}

/** Whether all that comes on a real socket is the request's: not with HTTP/2, nor with `inject`. */
function isOnSocket(request: IncomingMessage): boolean {
  // A request line may say HTTP/2.0 as well.
  return request.socket instanceof Socket && !('stream' in request)
}
