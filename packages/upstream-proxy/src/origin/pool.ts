import { guarded } from '@reliw/options'
import type { Connection } from '../connect/connect.ts'
import { type Exchange, OriginFailure, type OriginRequest } from '../exchange.ts'
import { Http1Connection } from '../http1/http1-connection.ts'
import { Http2Session } from '../http2/http2-session.ts'
import { isIdempotent } from '../policy/retry.ts'
import { isUnfinished, UploadShares } from './upload-shares.ts'
import { type OriginHandler, Waiting } from './waiting.ts'

export interface PoolSettings {
  /** Maximum number of connections. */
  readonly connections: number
  /** Maximum number of requests that wait for a connection. */
  readonly max_pending: number
  /** How long an idle connection is kept, in milliseconds. */
  readonly keep_alive_timeout: number
  /** Age from which a connection gets no more requests, in milliseconds. */
  readonly keep_alive_max_age: number
}

/** Opens a connection; rejects with OriginFailure. Upgrades need HTTP/1.1. */
export type Connect = (isUpgrade: boolean) => Promise<Connection>

export interface PoolState {
  /** Connections in use or being opened. */
  active: number
  idle: number
  /** Requests waiting for a connection. */
  pending: number
  /** Requests on connections whose bodies are still arriving; they may use only a share of the connections. */
  uploads: number
}

/** Longest idle time of a connection that gets a request which must not be sent twice, in milliseconds. */
const TRUSTED_IDLE = 2000
/**
 * Safety margin before the keep-alive timeout that an origin announces, in milliseconds: a request sent later would
 * race with the closing of the connection.
 */
const MARGIN = 1000

/** The connections to one origin: HTTP/1.1 connections with one request each, or HTTP/2 sessions. */
export class Pool {
  readonly #settings: PoolSettings
  readonly #connect: Connect
  readonly #connections = new Set<Http1Connection>()
  /** The connection that became idle last is used first. */
  readonly #idle: Http1Connection[] = []
  readonly #sessions = new Set<Http2Session>()
  /** First come, first served. An array rather than a Set, for the reason given at `Deadlines`. */
  readonly #waiting: Waiting[] = []
  #connecting = 0
  readonly #uploads = new UploadShares(
    () => this.#places(),
    () => this.#protocol !== 'h2'
  )
  #isRetired = false
  #protocol: 'unknown' | 'http/1.1' | 'h2'

  constructor(
    settings: PoolSettings,
    connect: Connect,
    protocol: 'unknown' | 'http/1.1' = 'unknown'
  ) {
    this.#settings = settings
    this.#connect = connect
    this.#protocol = protocol
  }

  get state(): PoolState {
    let idle = this.#idle.length
    for (const session of this.#sessions) if (session.isIdle) idle++
    const open = this.#connections.size + this.#sessions.size + this.#connecting
    const uploads = this.#uploads.taken
    return { active: open - idle, idle, pending: this.#waiting.length, uploads }
  }

  /** Whether one more request of a client may be sent before its body has arrived completely. */
  hasShare(client: string): boolean {
    return this.#uploads.hasRoom(client)
  }

  /** Whether the origin can be asked if it wants a client's body. */
  mayAnnounce(client?: string): boolean {
    return this.#uploads.mayAnnounce(client)
  }

  /** @returns undefined when no connection is free and too many requests are waiting */
  send(request: OriginRequest, handler: OriginHandler): Exchange | undefined {
    if (request.upgrade !== undefined) return this.#sendAlone(request, handler)
    const isUpload = isUnfinished(request)
    if (!isUpload && isIdempotent(request.method)) {
      const connection = this.#takeIdle(this.#settings.keep_alive_timeout)
      if (connection !== undefined) {
        handler.onSent()
        return connection.send(request, handler)
      }
    }
    const busy = this.#connections.size - this.#idle.length + this.#sessions.size
    // Waiting requests beyond the number of connections that are idle or can be opened.
    const pending = this.#waiting.length + busy - this.#settings.connections
    if (pending >= this.#settings.max_pending && !this.#freeSession()) return undefined
    if (isUpload && !this.#mayWaitUnfinished()) return undefined
    const waiting = new Waiting(request, handler, (left) => this.#leave(left))
    this.#waiting.push(waiting)
    // A request whose body is complete no longer waits for a share of the connections.
    if (request.body !== undefined && isUpload) request.body.whenWhole = () => this.#serve()
    // A request that must not be sent twice waits until the event loop has noticed which idle connections were closed.
    if (this.#idle.length > 0) setImmediate(this.#serve)
    else this.#serve()
    return waiting
  }

  /** Whether an exchange waits for other exchanges to end, rather than for a connection that is being opened. */
  isQueued(exchange: Exchange): boolean {
    const at = this.#waiting.indexOf(exchange as Waiting)
    const waiting = this.#waiting[at]
    if (waiting === undefined) return false
    if (!this.#uploads.mayStart(waiting.request)) return true
    return this.#isFull() && at >= this.#connecting
  }

  /** Closes connections that have been idle for too long, or are too old. */
  sweep(now: number): void {
    const { keep_alive_timeout, keep_alive_max_age } = this.#settings
    for (const connection of this.#idle.slice()) {
      if (!this.#isUsable(connection, keep_alive_timeout, now)) connection.close()
    }
    for (const session of this.#sessions) {
      const isOld = now - session.created > keep_alive_max_age
      if (isOld || (session.isIdle && now - session.idleSince > keep_alive_timeout)) session.close()
    }
  }

  /** Completes the exchanges that are under way or waiting; connections that become idle are closed. */
  close(): void {
    this.#isRetired = true
    for (const connection of this.#idle.slice()) connection.close()
    if (this.#waiting.length === 0) for (const session of this.#sessions) session.close()
  }

  /** A connection is free: it goes to a waiting request, becomes idle, or is closed. */
  onFree(connection: Http1Connection): void {
    const { keep_alive_timeout, keep_alive_max_age } = this.#settings
    const isOld = connection.idleSince - connection.created > keep_alive_max_age
    const first = isOld ? undefined : this.#takeFirst()
    if (first !== undefined) this.#start(first, connection)
    else if (this.#isRetired || isOld || keep_alive_timeout === 0) connection.close()
    else this.#idle.push(connection)
  }

  onClose(connection: Http1Connection): void {
    this.#connections.delete(connection)
    const at = this.#idle.indexOf(connection)
    if (at !== -1) this.#idle.splice(at, 1)
    if (this.#waiting.length > 0) this.#serve()
  }

  /** Never throws: the exchange whose end calls it must not fail for a waiting one. */
  readonly #serve = guarded(
    () => this.#serveAll(),
    (cause) => {
      const failure = new OriginFailure('internal', 'a connection could not be given', { cause })
      this.#waiting.shift()?.fail(failure)
      if (this.#waiting.length > 0) setImmediate(this.#serve)
    }
  )

  /** Gives free connections to waiting requests, first come, first served, and opens connections for the others. */
  #serveAll(): void {
    for (let first = this.#first(); first !== undefined; first = this.#first()) {
      const trusted = isIdempotent(first.request.method) ? Infinity : TRUSTED_IDLE
      const idle = this.#takeIdle(Math.min(trusted, this.#settings.keep_alive_timeout))
      const taker = idle ?? this.#freeSession()
      if (taker === undefined) break
      this.#leave(first)
      this.#start(first, taker)
    }
    const wanted = this.#uploads.countReady(this.#waiting)
    while (this.#connecting < wanted && this.#mayOpen()) void this.#open()
    // No idle connection is suitable: the one idle longest makes room.
    if (this.#connecting < wanted && this.#isFull()) this.#idle[0]?.close()
  }

  #start(waiting: Waiting, taker: Http1Connection | Http2Session): void {
    const { body } = waiting.request
    if (body === undefined || !isUnfinished(waiting.request)) return void waiting.start(taker)
    const giveBack = this.#uploads.take(body)
    waiting.start(taker, () => {
      giveBack()
      if (this.#waiting.length > 0) this.#serve()
    })
  }

  /** The first request that may have a connection; uploads must leave a share to other requests. */
  #first(): Waiting | undefined {
    const [first] = this.#waiting
    if (first === undefined || this.#uploads.mayStart(first.request)) return first
    return this.#waiting.find(({ request }) => this.#uploads.mayStart(request))
  }

  #takeFirst(): Waiting | undefined {
    const first = this.#first()
    if (first !== undefined) this.#leave(first)
    return first
  }

  #mayWaitUnfinished(): boolean {
    const waiting = this.#waiting.filter(({ request }) => isUnfinished(request)).length
    return this.#uploads.mayWait(waiting, this.#settings.max_pending)
  }

  /** The maximum number of concurrent requests. */
  #places(): number {
    const [session] = this.#sessions
    const streams = session === undefined ? 1 : session.active + session.available
    return this.#settings.connections * streams
  }

  #leave(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting)
    if (at !== -1) this.#waiting.splice(at, 1)
  }

  #isFull(): boolean {
    const open = this.#connections.size + this.#sessions.size + this.#connecting
    return open >= this.#settings.connections
  }

  #mayOpen(): boolean {
    if (this.#isFull()) return false
    // The first connection shows which protocol the origin speaks, and an HTTP/2 session has room for many requests.
    return this.#protocol === 'http/1.1' || this.#connecting === 0
  }

  async #open(): Promise<void> {
    this.#connecting++
    try {
      this.#adopt(await this.#connect(false))
    } catch (error) {
      this.#takeFirst()?.fail(failureOf(error))
    } finally {
      this.#connecting--
    }
    this.#serve()
    if (this.#isRetired) this.close()
  }

  #adopt(made: Connection): void {
    try {
      this.#use(made)
    } catch (error) {
      made.socket.destroy()
      throw error
    }
  }

  #use(made: Connection): void {
    this.#protocol = made.protocol
    if (made.protocol === 'h2') {
      const session = new Http2Session(made.socket)
      session.onChange(() => this.#onSession(session))
      this.#sessions.add(session)
    } else {
      const connection = new Http1Connection(made, this)
      this.#connections.add(connection)
      this.onFree(connection)
    }
  }

  #onSession(session: Http2Session): void {
    if (session.isClosed) this.#sessions.delete(session)
    if (this.#waiting.length > 0) this.#serve()
    else if (this.#isRetired) session.close()
  }

  /** On a connection of its own: it may become a tunnel, and HTTP/2 has no Upgrade header. */
  #sendAlone(request: OriginRequest, handler: OriginHandler): Exchange | undefined {
    if (this.#isFull()) this.#idle[0]?.close()
    if (this.#isFull()) return undefined
    const waiting = new Waiting(request, handler)
    void this.#openFor(waiting)
    return waiting
  }

  async #openFor(waiting: Waiting): Promise<void> {
    this.#connecting++
    try {
      const connection = new Http1Connection(await this.#connect(true), this)
      this.#connections.add(connection)
      if (!waiting.start(connection)) connection.close()
    } catch (error) {
      waiting.fail(failureOf(error))
    } finally {
      this.#connecting--
    }
  }

  #takeIdle(maxIdle: number): Http1Connection | undefined {
    const now = performance.now()
    const connection = this.#idle.at(-1)
    if (connection === undefined || !this.#isUsable(connection, maxIdle, now)) return undefined
    return this.#idle.pop()
  }

  #isUsable(connection: Http1Connection, maxIdle: number, now: number): boolean {
    const announced = connection.keepAliveTimeout
    const kept = Math.min(maxIdle, Math.max(announced - MARGIN, announced / 2))
    const isYoung = now - connection.created < this.#settings.keep_alive_max_age
    return isYoung && now - connection.idleSince < kept
  }

  #freeSession(): Http2Session | undefined {
    for (const session of this.#sessions) if (session.available > 0) return session
    return undefined
  }
}

/** Any other error is an internal one, not a failure of the origin. */
function failureOf(error: unknown): OriginFailure {
  if (error instanceof OriginFailure) return error
  return new OriginFailure('internal', 'a connection could not be used', { cause: error })
}
