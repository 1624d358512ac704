import type { Socket } from 'node:net'
import { guarded } from '@reliw/options'
import type { Connection } from '../connect/connect.ts'
import {
  type Exchange,
  OriginFailure,
  type OriginRequest,
  type ResponseHandler
} from '../exchange.ts'
import { pauseReading, resumeReading } from '../pieces/paused-reading.ts'
import { RequestWriter } from './request-writer.ts'
import { writeRequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'
import { ResponseReader, type ResponseSink } from './response-reader.ts'

/** Notifies a pool about its connections. */
export interface ConnectionEvents {
  /** The exchange is over, and the connection can carry another. */
  onFree(connection: Http1Connection): void
  /** The connection is closed, or was handed over. Called once. */
  onClose(connection: Http1Connection): void
}

/** A connection to an origin that carries one exchange at a time (RFC 9112). */
export class Http1Connection implements Exchange, ResponseSink {
  /** When the connection was made, and when its last exchange ended, by `performance.now()`. */
  readonly created = performance.now()
  idleSince = this.created
  /** How long the origin says that it keeps an idle connection, in milliseconds. */
  keepAliveTimeout = Infinity
  /** The bytes with which the connection began: see `OriginRequest`. */
  readonly preface: Buffer | undefined
  readonly #socket: Socket
  readonly #events: ConnectionEvents
  readonly #reader = new ResponseReader(this)
  readonly #writer: RequestWriter
  #request: OriginRequest | undefined
  #handler: ResponseHandler | undefined
  #isClosed = false

  constructor({ socket, inlet }: Connection, events: ConnectionEvents, preface?: Buffer) {
    this.preface = preface
    this.#socket = socket
    this.#events = events
    this.#writer = new RequestWriter(socket, (error) => this.#broken(error))
    if (inlet === undefined) socket.on('data', this.#onData)
    else if (inlet.hasOverrun) process.nextTick(this.#closeSoon)
    else inlet.take = this.#onData
    socket.on('end', this.#onEnd)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClosed)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Sends a request. The connection serves as the exchange until the handler learns of its end. */
  send(request: OriginRequest, handler: ResponseHandler): Exchange {
    this.#request = request
    this.#handler = handler
    this.#reader.begin(request.method === 'HEAD')
    try {
      this.#writer.write(writeRequestHead(request), request.body)
    } catch (cause) {
      this.#fail('internal', 'the request could not be sent', cause)
    }
    return this
  }

  resume(): void {
    resumeReading(this.#socket)
  }

  cancel(): void {
    this.#handler = undefined
    this.close()
  }

  /** Ends the connection at once. */
  close(): void {
    if (this.#isClosed) return
    this.#socket.destroy()
    this.#gone()
  }

  onInterim({ status, headers }: ResponseHead): void {
    this.#handler?.onInterim(status, headers)
  }

  onSwitch({ headers }: ResponseHead, rest: Buffer): void {
    const handler = this.#handler
    if (this.#request?.upgrade === undefined)
      return this.#fail('protocol', 'an upgrade unasked for')
    this.#release()
    this.#socket.pause()
    this.#gone()
    handler?.onUpgrade(headers, this.#socket, rest)
  }

  onHead({ status, headers, keepAliveTimeout }: ResponseHead): void {
    this.keepAliveTimeout = keepAliveTimeout ?? this.keepAliveTimeout
    this.#handler?.onHead(status, headers)
  }

  onBody(chunk: Buffer, isLast: boolean): void {
    if (this.#handler?.onData(chunk, isLast) === false && !isLast) pauseReading(this.#socket)
  }

  /** The connection is freed before the handler is called, so that the next request can be sent meanwhile. */
  onEnd(trailers: readonly string[], isReusable: boolean): void {
    const handler = this.#handler
    const canGoOn = isReusable && this.#writer.isDone && !this.#isClosed
    this.#handler = undefined
    this.#request = undefined
    if (canGoOn) {
      this.idleSince = performance.now()
      if (this.#socket.isPaused()) resumeReading(this.#socket)
      this.#events.onFree(this)
    } else {
      this.close()
    }
    handler?.onEnd(trailers)
  }

  readonly #closeSoon = guarded(
    () => this.close(),
    (error) => this.#broken(error)
  )

  readonly #onData = guarded(
    (chunk: Buffer): void => {
      // security: an origin could send data unasked, as a response to the next request.
      if (this.#request === undefined) return this.close()
      const mistake = this.#reader.read(chunk)
      if (mistake !== undefined) this.#fail('protocol', mistake)
    },
    (error) => this.#broken(error)
  )

  readonly #onEnd = guarded(
    (): void => {
      if (this.#request === undefined) return this.close()
      const mistake = this.#reader.close()
      if (mistake !== undefined) this.#fail('reset', mistake)
    },
    (error) => this.#broken(error)
  )

  readonly #onError = guarded(
    (cause: Error): void => {
      this.#fail('reset', 'the connection broke', cause)
    },
    (error) => this.#broken(error)
  )

  readonly #onClosed = guarded(
    (): void => {
      this.#fail('reset', 'the connection was closed')
    },
    (error) => this.#broken(error)
  )

  #broken(error: unknown): void {
    this.#fail('internal', 'a response could not be read', error)
  }

  #fail(kind: 'protocol' | 'reset' | 'internal', message: string, cause?: unknown): void {
    const handler = this.#handler
    this.#handler = undefined
    this.close()
    handler?.onError(new OriginFailure(kind, message, { cause }))
  }

  #gone(): void {
    this.#isClosed = true
    this.#request = undefined
    this.#writer.stop()
    this.#events.onClose(this)
  }

  #release(): void {
    this.#handler = undefined
    this.#socket.off('data', this.#onData)
    this.#socket.off('end', this.#onEnd)
    this.#socket.off('error', this.#onError)
    this.#socket.off('close', this.#onClosed)
  }
}
