import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { guarded } from '@reliw/options'
import { ArrivingBody } from './arriving-body.ts'
import { type BodyLimits, type CutReason, DEFAULT_BODY_LIMITS } from './body-limits.ts'

/** Ends the request of a client that is too slow; see `endSlowRequest`. */
export type OnCut = (
  request: IncomingMessage,
  response: ServerResponse,
  reason: CutReason,
  requestId: string | undefined
) => void

export interface BodyWatchOptions extends Partial<BodyLimits> {
  /** Time between two checks, in milliseconds; a client is cut off at most two checks late. Default 500. */
  readonly interval?: number
}

/**
 * Finds clients that send request bodies too slowly. It does not read the bodies: it checks the bytes that arrive on
 * the sockets, and leaves out the time during which the server itself does not read. A single timer serves all requests
 * and runs only while there are any to watch.
 *
 * When a response is finished before the whole body has arrived, Node reads and discards the rest: that is watched too.
 */
export class BodyWatch {
  readonly #limits: BodyLimits
  readonly #interval: number
  readonly #onCut: OnCut
  readonly #bodies: ArrivingBody[] = []
  #timer: NodeJS.Timeout | undefined
  #lastCheck = 0

  /** @param onCut called once per request, which is no longer watched by then */
  constructor({ interval = 500, ...limits }: BodyWatchOptions, onCut: OnCut) {
    this.#limits = { ...DEFAULT_BODY_LIMITS, ...limits }
    this.#interval = interval
    this.#onCut = onCut
  }

  /** Number of watched requests. */
  get size(): number {
    return this.#bodies.length
  }

  /** Watches a request; call it as soon as the request exists. Ignores requests without a body, and HTTP/2. */
  watch(request: IncomingMessage, response: ServerResponse, requestId?: string): void {
    if (!hasBody(request) || !isOnSocket(request)) return
    // Node is still parsing the chunk of bytes that contained the head, and goes on with the body.
    process.nextTick(this.#begin, new ArrivingBody(request, response, requestId))
  }

  /** The id of the request that gets a response, while its body is watched. */
  idOf(response: ServerResponse): string | undefined {
    return this.#bodies.find((body) => body.response === response)?.requestId
  }

  readonly #begin = guarded(
    (body: ArrivingBody): void => {
      if (body.isOver) return
      body.countFirst()
      body.slot = this.#bodies.push(body) - 1
      // A finished body kept until the next check would be promoted to old space with all its buffers, where collecting
      // it is expensive.
      body.request.once('end', () => this.#remove(body))
      if (this.#timer !== undefined) return
      this.#lastCheck = performance.now()
      this.#timer = setInterval(this.#guardedCheck, this.#interval).unref()
    },
    (_error, { request }) => request.socket.destroy()
  )

  /** Stops watching all requests. */
  close(): void {
    this.#bodies.length = 0
    this.#stop()
  }

  readonly #guardedCheck = guarded(
    () => this.#check(),
    () => undefined
  )

  #check(): void {
    const now = performance.now()
    // Bytes that arrived while the process was busy are not read yet: such a period counts as two intervals at most.
    const elapsed = Math.min(now - this.#lastCheck, 2 * this.#interval)
    this.#lastCheck = now
    // Iterates backwards: a removed body is replaced by the last one, which has already been checked.
    for (let at = this.#bodies.length - 1; at >= 0; at--) {
      const body = this.#bodies[at]
      if (body === undefined) continue
      const reason = body.isOver ? undefined : body.check(this.#limits, now, elapsed)
      if (reason === undefined && !body.isOver) continue
      this.#remove(body)
      if (reason !== undefined) this.#cut(body, reason)
    }
    if (this.#bodies.length === 0) this.#stop()
  }

  /** An error in `onCut` must not keep the other bodies from being checked. */
  #cut({ request, response, requestId }: ArrivingBody, reason: CutReason): void {
    try {
      this.#onCut(request, response, reason, requestId)
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

/** Whether the head declares a body (RFC 9112 6.3). */
function hasBody(request: IncomingMessage): boolean {
  const { headers } = request
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length ?? '0') !== '0'
}

/** Whether the request has a real socket of its own: not with HTTP/2, nor with `inject`. */
function isOnSocket(request: IncomingMessage): boolean {
  // `httpVersion` is no proof: an HTTP/1 request line may also say HTTP/2.0.
  return request.socket instanceof Socket && !('stream' in request)
}
