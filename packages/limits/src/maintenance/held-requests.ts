import { hasLeft, whenLeft } from '@reliw/http'
import { clientBlock, guarded } from '@reliw/options'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Maximum number of requests that wait in this process, and of those of one client. */
const MAX_HELD = 1000
const MAX_OF_CLIENT = 100
/** Maximum memory of the waiting requests, in bytes. */
const MAX_BYTES = 32 * 1024 * 1024
/** Memory of a request besides its head and body, in bytes. */
const REQUEST_BYTES = 8 * 1024
/** Bytes of an unread body that Node buffers at most, roughly. */
const BODY_BYTES = 128 * 1024

interface Held {
  readonly client: string
  readonly bytes: number
  readonly end: OnEnd
  timer: NodeJS.Timeout | undefined
  stopListening: () => void
}

/**
 * Called when a request has waited; not for a client that has disconnected.
 *
 * @param isOver whether the time is over; else something has changed
 */
export type OnEnd = (isOver: boolean) => void

/**
 * Requests that wait for the end of a maintenance. Their bodies are not read. Bounded in number, per client (an IPv4
 * address, an IPv6 /64) too, and in bytes.
 */
export class HeldRequests {
  readonly #held = new Set<Held>()
  readonly #ofClients = new Map<string, number>()
  #bytes = 0
  #isClosed = false

  /** Number of requests that wait. */
  get size(): number {
    return this.#held.size
  }

  /**
   * Lets a request wait, and returns whether there was room for it.
   *
   * @param ms time after which the waiting is over
   */
  hold({ raw, facts }: FastifyRequest, reply: FastifyReply, ms: number, onEnd: OnEnd): boolean {
    const client = clientBlock(facts.clientIp) ?? ''
    const bytes = sizeOf(raw)
    const ofClient = this.#ofClients.get(client) ?? 0
    const isFull = this.size >= MAX_HELD || ofClient >= MAX_OF_CLIENT
    if (this.#isClosed || isFull || this.#bytes + bytes > MAX_BYTES || hasLeft(reply.raw))
      return false
    const end = guarded(onEnd, () => reply.raw.destroy())
    const held: Held = { client, bytes, end, timer: undefined, stopListening: () => undefined }
    this.#held.add(held)
    this.#ofClients.set(client, ofClient + 1)
    this.#bytes += bytes
    held.timer = setTimeout(() => this.#end(held, true), ms)
    held.stopListening = whenLeft(reply.raw, () => this.#remove(held))
    return true
  }

  /** Ends the waiting of all requests, since something has changed; they may wait again. */
  release(): void {
    for (const held of this.#held) this.#end(held, false)
  }

  /** Ends the waiting of all requests, as when their time is over; no others may wait. */
  close(): void {
    this.#isClosed = true
    for (const held of this.#held) this.#end(held, true)
  }

  #end(held: Held, isOver: boolean): void {
    if (!this.#held.has(held)) return
    this.#remove(held)
    held.end(isOver)
  }

  #remove(held: Held): void {
    if (!this.#held.delete(held)) return
    clearTimeout(held.timer)
    held.stopListening()
    const { client, bytes } = held
    this.#bytes -= bytes
    const left = (this.#ofClients.get(client) ?? 0) - 1
    if (left > 0) this.#ofClients.set(client, left)
    else this.#ofClients.delete(client)
  }
}

/** Memory of an unread request, in bytes. */
function sizeOf({
  url = '',
  rawHeaders,
  headers,
  httpVersionMajor,
  complete
}: FastifyRequest['raw']): number {
  let bytes = REQUEST_BYTES + url.length
  for (const text of rawHeaders) bytes += text.length
  const length = headers['content-length']
  if (length !== undefined) return bytes + Math.min(Number(length), BODY_BYTES)
  const mayHaveBody = headers['transfer-encoding'] !== undefined || httpVersionMajor === 2
  return mayHaveBody && !complete ? bytes + BODY_BYTES : bytes
}
