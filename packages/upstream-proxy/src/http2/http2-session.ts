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

/** Required by Node but without effect: every request names its own scheme and authority. */
const AUTHORITY = 'https://origin'

/**
 * A connection to an origin that carries many concurrent exchanges (RFC 9113). It has no timers: a handler cancels its
 * exchange when its own deadline has passed. That is necessary: when invalid data follows a GOAWAY, Node neither emits
 * an error nor notices the end of the connection.
 */
export class Http2Session implements StreamOwner {
  /** When the session was made, and when it last became idle, by `performance.now()`. */
  readonly created = performance.now()
  idleSince = this.created
  readonly #socket: Socket
  readonly #session: ClientHttp2Session
  #active = 0
  #maxStreams = 1
  #lastStreamId = Infinity
  #isClosing = false
  #onChange: ((session: Http2Session) => void) | undefined

  /** @param socket connected, with HTTP/2 negotiated (ALPN `h2`); owned by the session from now on */
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

  /** The number of streams that have not ended. */
  get active(): number {
    return this.#active
  }

  /** The number of streams that may be opened now; 0 as soon as the session is closing. */
  get available(): number {
    return this.#isOver() ? 0 : Math.max(0, this.#maxStreams - this.#active)
  }

  /** Whether the session and all of its streams are destroyed. */
  get isClosed(): boolean {
    return this.#session.destroyed
  }

  /** Whether no stream is active. */
  get isIdle(): boolean {
    return this.#active === 0
  }

  /** Part of {@link StreamOwner}, for the exchanges. */
  get lastStreamId(): number {
    return this.#lastStreamId
  }

  /**
   * Sends a request that is not an upgrade, even if no stream is `available`: it then waits for another stream to end,
   * or fails with `isUnsent` when the session is closing.
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
    // The session has run out of stream ids.
    if (stream.destroyed) this.#isClosing = true
    this.#active++
    const exchange = new Http2Exchange(stream, this, handler)
    if (body !== undefined) new RequestWriter(stream, body).start()
    return exchange
  }

  /**
   * Sets the callback for: a stream has ended, the origin's settings have arrived, the session begins to close, the
   * session is closed.
   */
  onChange(callback: (session: Http2Session) => void): void {
    this.#onChange = callback
  }

  /** Takes no more requests, sends GOAWAY to the origin, and ends with the last stream. */
  close(): void {
    // The callback may call `close()` again.
    if (this.#session.closed) return
    this.#isClosing = true
    this.#session.close()
    this.#changed()
  }

  /** Ends the session at once; all of its exchanges fail. */
  destroy(): void {
    this.#session.destroy()
    // Node would wait until the origin has taken all data sent. Only data that leaves at once needs to be sent.
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

/** Without a listener, Node throws the error. Each exchange learns of it from its stream. */
function ignore(): void {
  // Nothing to do.
}
