import type { Duplex } from 'node:stream'
import type { FailureKind } from '@reliw/http'
import type { Ownership } from './pieces/piece-writer.ts'

/** A request as it is sent to an origin. */
export interface OriginRequest {
  readonly method: string
  /** Path and query string as they are sent. */
  readonly path: string
  readonly scheme: 'http' | 'https'
  /** The value of Host or `:authority`. */
  readonly authority: string
  /**
   * Name, value, name, value, …: end-to-end headers only, with the client's spelling of names. Host, Content-Length,
   * Transfer-Encoding and the headers of the connection are not included.
   */
  readonly headers: readonly string[]
  readonly body: RequestBody | undefined
  /** The protocols that the client requests to switch to: the value of its Upgrade header. */
  readonly upgrade: string | undefined
  /**
   * The bytes with which a connection begins: a PROXY header. security: the connection carries no request with another
   * preface, which would be another client's. Default: none.
   */
  readonly preface?: Buffer | undefined
}

/** A request body from a client: read once, as fast as the origin takes it. */
export interface RequestBody {
  /** In bytes, if the client declared it. */
  readonly length: number | undefined
  /** Whether any part of the body was read: the request cannot be repeated then. */
  readonly isUsed: boolean
  /**
   * Whether the whole body has arrived. security: if not, the client decides how long the request occupies a
   * connection. Default: true.
   */
  readonly isWhole?: boolean
  /**
   * Called once, when the whole body has arrived or its rest is no longer wanted. Set by the pool in which the request
   * waits.
   */
  whenWhole?: (() => void) | undefined
  /** Called once, when the first byte has arrived. Set by the pool in which the request waits. */
  whenBegun?: (() => void) | undefined
  /**
   * The client, as an address or a network: each may use a limited share of the connections. Default: all bodies
   * without a client count as those of one.
   */
  readonly client?: string
  /**
   * Whether the client waits for `100 Continue`, and the origin may decide whether it gets one; false once part of the
   * body has arrived. Default: false.
   */
  readonly isAwaited?: boolean
  /**
   * Called instead of `start` if `isAwaited`: begins once the origin has requested the body, or has not refused it in
   * time.
   */
  startWhenRequested?(sink: BodySink): void
  /** Passes on what has arrived, then continues to read. Called at most once per body. */
  start(sink: BodySink): void
  /** Called after `onChunk` returned false, when the sink takes more. */
  resume(): void
}

/** The destination of a body. */
export interface BodySink {
  /**
   * @param ownership `given` when nothing else refers to the chunk: its memory may be freed once it has been sent
   * @returns false to receive no more until `resume()`
   */
  onChunk(chunk: Buffer, ownership: Ownership): boolean
  /** @param trailers name, value, name, value, … (RFC 9110 6.5) */
  onEnd(trailers: readonly string[]): void
}

/**
 * Receives the response of an origin, in this order: interim responses, then either a head, data and an end, or an
 * upgrade. An error may replace the rest at any time, and is the last call; `cancel()` stops all calls, too.
 */
export interface ResponseHandler {
  /** An interim response: 1xx other than 101. Headers: name, value, …, without those of the connection. */
  onInterim(status: number, headers: readonly string[]): void
  /** The final status, and the headers as the origin wrote them, including those of the connection. */
  onHead(status: number, headers: readonly string[]): void
  /**
   * A piece of the body, with the transfer coding removed. It is lent: copy it to keep it.
   *
   * @param isLast known to be the last piece; `onEnd` follows at once
   * @returns false to receive no more until `Exchange.resume()`
   */
  onData(chunk: Buffer, isLast: boolean): boolean
  /** @param trailers name, value, name, value, … */
  onEnd(trailers: readonly string[]): void
  /**
   * 101 Switching Protocols: the connection belongs to the handler now. `head` holds the bytes that followed the
   * headers.
   */
  onUpgrade(headers: readonly string[], socket: Duplex, head: Buffer): void
  onError(error: OriginFailure): void
}

/** One request to an origin and its response. */
export interface Exchange {
  /** Continues after `onData` returned false. */
  resume(): void
  /** Aborts the exchange, which the origin notices at once. The handler is not called any more. */
  cancel(): void
}

const OF_ALL: ReadonlySet<FailureKind> = new Set(['connect', 'forbidden', 'tls', 'connect timeout'])

/** Whether any request would have failed in this way, because no connection could be made. */
export function isOfAll(kind: FailureKind): boolean {
  return OF_ALL.has(kind)
}

/** A failed attempt at an origin. security: message and cause may name addresses, so they are for logs only. */
export class OriginFailure extends Error {
  override readonly name = 'OriginFailure'
  readonly kind: FailureKind
  /** Whether the origin cannot have acted on the request: a request of any method may be retried then. */
  readonly isUnsent: boolean

  constructor(
    kind: FailureKind,
    message: string,
    { isUnsent = false, cause }: { isUnsent?: boolean; cause?: unknown } = {}
  ) {
    super(message, { cause })
    this.kind = kind
    this.isUnsent = isUnsent
  }

  /** The status for the client: 504 after a timeout, else 502. */
  get status(): 502 | 504 {
    return this.kind.endsWith('timeout') ? 504 : 502
  }
}
