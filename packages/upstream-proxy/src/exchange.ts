import type { Duplex } from 'node:stream'
import type { FailureKind } from '@reliw/http'
import type { Ownership } from './pieces/piece-writer.ts'

/** A request as an origin is to get it. */
export interface OriginRequest {
  readonly method: string
  /** Path and query string as they are sent. */
  readonly path: string
  readonly scheme: 'http' | 'https'
  /** What Host, or `:authority`, says. */
  readonly authority: string
  /**
   * Name, value, name, value, …: end-to-end headers only, as the client wrote their names. Neither Host nor
   * Content-Length nor Transfer-Encoding is among them, nor anything of the connection.
   */
  readonly headers: readonly string[]
  readonly body: RequestBody | undefined
  /** The protocols that the client wants to change to, as its Upgrade header names them. */
  readonly upgrade: string | undefined
}

/** A body that a client sends: read once, as fast as the origin takes it. */
export interface RequestBody {
  /** In bytes, when the client said so. */
  readonly length: number | undefined
  /** Whether any of it was read: then it cannot be sent a second time. */
  readonly isUsed: boolean
  /** Whether all of it is here; if not, it may keep a connection for as long as its client likes. Default: yes. */
  readonly isWhole?: boolean
  /** Called once, when all of it has come, or nobody wants the rest. Set by the pool that it waits in. */
  whenWhole?: (() => void) | undefined
  /** Called once, when the first of it has come. Set by the pool that it waits in. */
  whenBegun?: (() => void) | undefined
  /** Whose it is, an address or a network: one may have a part of the connections. Default: of one whom nobody knows. */
  readonly client?: string
  /**
   * Whether its client waits to be asked for it, and the origin may say whether it is; no more when some of it is
   * here. Default: no.
   */
  readonly isAwaited?: boolean
  /** Begins when the origin has asked for it, or has not refused it in time. Instead of `start`, if `isAwaited`. */
  startWhenAsked?(sink: BodySink): void
  /** Gives what is here, and goes on to read. Called once per body at most. */
  start(sink: BodySink): void
  /** After `onChunk` returned false: the sink takes more. */
  resume(): void
}

/** Where a body goes. */
export interface BodySink {
  /**
   * @param ownership `given` when nobody else has the chunk: its memory may be freed when it has been sent
   * @returns false for: no more until `resume()`
   */
  onChunk(chunk: Buffer, ownership: Ownership): boolean
  /** @param trailers name, value, name, value, … (RFC 9110 6.5) */
  onEnd(trailers: readonly string[]): void
}

/**
 * What an origin answers, in this order: informations, then either a head, data and an end, or an upgrade.
 * An error may come at any time instead, and nothing after it; nothing comes after `cancel()` either.
 */
export interface ResponseHandler {
  /** 1xx other than 101. Headers: name, value, …; already free of those of the connection. */
  onInformation(status: number, headers: readonly string[]): void
  /** A final status and the headers as the origin wrote them, those of the connection included. */
  onHead(status: number, headers: readonly string[]): void
  /**
   * A piece of the body, without any transfer coding. It is lent: copy it to keep it.
   *
   * @param isLast known to be the last piece; `onEnd` follows at once
   * @returns false for: no more until `Exchange.resume()`
   */
  onData(chunk: Buffer, isLast: boolean): boolean
  /** @param trailers name, value, name, value, … */
  onEnd(trailers: readonly string[]): void
  /** 101: the connection is the handler's now. `head` are bytes that came after the headers. */
  onUpgrade(headers: readonly string[], socket: Duplex, head: Buffer): void
  onError(error: OriginFailure): void
}

/** One request on its way to an origin. */
export interface Exchange {
  /** Takes up after `onData` returned false. */
  resume(): void
  /** Ends it; the origin notices at once. Nothing is told to the handler any more. */
  cancel(): void
}

const OF_ALL: ReadonlySet<FailureKind> = new Set(['connect', 'forbidden', 'tls', 'connect timeout'])

/** Whether any request would have failed like that: there was no connection that one could be sent on. */
export function isOfAll(kind: FailureKind): boolean {
  return OF_ALL.has(kind)
}

/** An attempt at an origin that failed. Its message and cause may name addresses: they are for logs only. */
export class OriginFailure extends Error {
  override readonly name = 'OriginFailure'
  readonly kind: FailureKind
  /** Whether the origin cannot have acted on the request: then any method may be tried again. */
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

  /** What a client is answered: 504 for what took too long, else 502. */
  get status(): 502 | 504 {
    return this.kind.endsWith('timeout') ? 504 : 502
  }
}
