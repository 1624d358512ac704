import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import type { Socket } from 'node:net'
import type { FailureKind } from '@reliw/http'
import { guarded } from '@reliw/options'
import {
  type Exchange,
  OriginFailure,
  type OriginRequest,
  type ResponseHandler
} from '../exchange.ts'
import { FailedExchange } from './failed-exchange.ts'
import { requestFields } from './fields.ts'
import { Http2Exchange, type StreamOwner } from './http2-exchange.ts'
import { RequestWriter } from './request-writer.ts'
import { MAX_STREAMS, SESSION_OPTIONS, SESSION_WINDOW } from './session-options.ts'

/** Required by node, and of no effect: every request names its own scheme and authority. */
const AUTHORITY = 'https://origin'

/**
 * A connection to an origin that carries many exchanges at a time (RFC 9113). It has no timers: a
 * handler that has waited long enough cancels its exchange. That is needed: when nonsense follows a
 * GOAWAY, node neither tells of it nor notices the connection's end.
 */
export class Http2Session implements StreamOwner {
  /** When it was made, and when it last became idle: `performance.now()`. */
  readonly created = performance.now()
  idleSince = this.created
  readonly #socket: Socket
  readonly #session: ClientHttp2Session
  #active = 0
  #maxStreams = 1
  #lastStreamId = Infinity
  #isClosing = false
  #onChange: ((session: Http2Session) => void) | undefined

  /** @param socket is connected, and HTTP/2 agreed on (ALPN `h2`); the session's own from now on */
  constructor(socket: Socket) {
    this.#socket = socket
    const session = connect(AUTHORITY, { ...SESSION_OPTIONS, createConnection: () => socket })
    this.#session = session
    session.setLocalWindowSize(SESSION_WINDOW)
    const onThrow = (): void => this.destroy()
    const changed = guarded(() => this.#changed(), onThrow)
    session.on('remoteSettings', ({ maxConcurrentStreams = MAX_STREAMS }) => {
      this.#maxStreams = Math.min(maxConcurrentStreams, MAX_STREAMS)
      changed()
    })
    session.on('goaway', (_code, lastStreamId) => {
      this.#isClosing = true
      this.#lastStreamId = lastStreamId
      changed()
    })
    session.on('error', ignore)
    session.on('close', () => changed())
  }

  /** Streams that have not ended. */
  get active(): number {
    return this.#active
  }

  /** Streams that may be opened now. 0 from the beginning of its end on. */
  get available(): number {
    return this.#isOver() ? 0 : Math.max(0, this.#maxStreams - this.#active)
  }

  /** Whether it is gone, with all of its streams. */
  get isClosed(): boolean {
    return this.#session.destroyed
  }

  /** Whether no stream is active. */
  get isIdle(): boolean {
    return this.#active === 0
  }

  /** For its exchanges, as `onFree` is. */
  get lastStreamId(): number {
    return this.#lastStreamId
  }

  /**
   * Sends a request, whether a stream is `available` or not: one too many waits here for another's
   * end, or fails with `isUnsent` when the session is closing. It is no upgrade.
   */
  send(request: OriginRequest, handler: ResponseHandler): Exchange {
    if (this.#isOver()) return fail(handler, 'reset', 'the session is closing')
    const { body } = request
    const waitForTrailers = body !== undefined && body.length === undefined
    let stream: ClientHttp2Stream
    try {
      const endStream = body === undefined
      stream = this.#session.request(requestFields(request), { endStream, waitForTrailers })
    } catch (cause) {
      return fail(handler, 'protocol', 'not a request for HTTP/2', cause)
    }
    // There are no more stream ids.
    if (stream.destroyed) this.#isClosing = true
    this.#active++
    const exchange = new Http2Exchange(stream, this, handler)
    if (body !== undefined) new RequestWriter(stream, body).start()
    return exchange
  }

  /**
   * Sets what is called when a stream has ended, when the origin's settings have come, and when the
   * session begins to close or is closed.
   */
  onChange(callback: (session: Http2Session) => void): void {
    this.#onChange = callback
  }

  /** Takes no more requests, says so to the origin (GOAWAY), and ends with its last stream. */
  close(): void {
    // Whoever hears of the change may close it again.
    if (this.#session.closed) return
    this.#isClosing = true
    this.#session.close()
    this.#changed()
  }

  /** Ends it at once: all of its exchanges fail. */
  destroy(): void {
    this.#session.destroy()
    // node would wait until the origin has taken all that was sent. What leaves at once is enough.
    setImmediate(destroySocket, this.#socket)
  }

  onFree(): void {
    this.#active--
    if (this.#active === 0) this.idleSince = performance.now()
    this.#changed()
  }

  #isOver(): boolean {
    const { closed, destroyed } = this.#session
    return this.#isClosing || closed || destroyed || this.#socket.destroyed
  }

  #changed(): void {
    if (this.#active === 0 && this.#isOver()) this.destroy()
    this.#onChange?.(this)
  }
}

function fail(
  handler: ResponseHandler,
  kind: FailureKind,
  message: string,
  cause?: unknown
): Exchange {
  return new FailedExchange(new OriginFailure(kind, message, { isUnsent: true, cause }), handler)
}

function destroySocket(socket: Socket): void {
  socket.destroy()
}

/** node throws an error that nobody listens to. Each exchange hears of it by its stream. */
function ignore(): void {
  // Nothing is left to do.
}
