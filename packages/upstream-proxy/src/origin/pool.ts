import { guarded, once } from '@reliw/options'
import type { Connection } from '../connect/connect.ts'
import { type Exchange, OriginFailure, type OriginRequest } from '../exchange.ts'
import { Http1Connection } from '../http1/http1-connection.ts'
import { Http2Session } from '../http2/http2-session.ts'
import { isIdempotent } from '../policy/retry.ts'
import { IdleConnections } from './idle-connections.ts'
import { RequestQueue } from './request-queue.ts'
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

/** Opens a connection; rejects with OriginFailure. Upgrades and connections with a preface need HTTP/1.1. */
export type Connect = (isUpgrade: boolean, preface?: Buffer) => Promise<Connection>

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

/** The connections to one origin: HTTP/1.1 connections with one request each, or HTTP/2 sessions. */
export class Pool {
  readonly #settings: PoolSettings
  readonly #connect: Connect
  readonly #connections = new Set<Http1Connection>()
  readonly #idle: IdleConnections
  readonly #sessions = new Set<Http2Session>()
  readonly #uploads = new UploadShares(
    () => this.#places(),
    () => this.#protocol !== 'h2'
  )
  readonly #queue = new RequestQueue(this.#uploads)
  #connecting = 0
  #isRetired = false
  #protocol: 'unknown' | 'http/1.1' | 'h2'

  constructor(
    settings: PoolSettings,
    connect: Connect,
    protocol: 'unknown' | 'http/1.1' = 'unknown'
  ) {
    this.#settings = settings
    this.#idle = new IdleConnections(settings)
    this.#connect = connect
    this.#protocol = protocol
  }

  get state(): PoolState {
    let idle = this.#idle.count
    for (const session of this.#sessions) if (session.isIdle) idle++
    const open = this.#connections.size + this.#sessions.size + this.#connecting
    const uploads = this.#uploads.taken
    return { active: open - idle, idle, pending: this.#queue.count, uploads }
  }

  /** Whether one more request of a client may be sent before its body has arrived completely. */
  hasShare(client: string): boolean {
    return this.#uploads.hasRoom(client)
  }

  /** Whether the origin may decide whether it gets a client's body. */
  mayAnnounce(client?: string): boolean {
    return this.#uploads.mayAnnounce(client)
  }

  /** @returns undefined when no connection is free and too many requests are waiting */
  send(request: OriginRequest, handler: OriginHandler): Exchange | undefined {
    if (request.upgrade !== undefined) return this.#sendAlone(request, handler)
    const { preface } = request
    const isUpload = isUnfinished(request)
    if (!isUpload && isIdempotent(request.method)) {
      const connection = this.#idle.take(this.#settings.keep_alive_timeout, preface)
      if (connection !== undefined) {
        handler.onSent()
        return connection.send(request, handler)
      }
    }
    const opening = preface === undefined ? 0 : this.#connecting
    const busy = this.#connections.size - this.#idle.count + this.#sessions.size + opening
    // Waiting requests beyond the number of connections that are idle or can be opened.
    const pending = this.#queue.count + busy - this.#settings.connections
    if (pending >= this.#settings.max_pending && !this.#freeSession()) return undefined
    if (isUpload && !this.#queue.mayAddUpload(this.#settings.max_pending)) return undefined
    const waiting = new Waiting(request, handler, (left) => this.#queue.remove(left))
    this.#queue.add(waiting)
    // A request whose body is complete no longer waits for a share of the connections.
    if (request.body !== undefined && isUpload) request.body.whenWhole = () => this.#serve()
    // A request that must not be sent twice waits until the event loop has noticed which idle connections were closed.
    if (this.#idle.count > 0) setImmediate(this.#serve)
    else this.#serve()
    return waiting
  }

  /** Whether an exchange waits for other exchanges to end, rather than for a connection that is being opened. */
  isQueued(exchange: Exchange): boolean {
    const at = this.#queue.indexOf(exchange)
    if (at === -1) return false
    return !this.#queue.mayStart(at) || (this.#isFull() && at >= this.#connecting)
  }

  /** Closes connections that have been idle for too long, or are too old. */
  sweep(now: number): void {
    const { keep_alive_timeout, keep_alive_max_age } = this.#settings
    this.#idle.sweep(now)
    for (const session of this.#sessions) {
      const isOld = now - session.created > keep_alive_max_age
      if (isOld || (session.isIdle && now - session.idleSince > keep_alive_timeout)) session.close()
    }
  }

  /** Completes the exchanges that are under way or waiting; connections that become idle are closed. */
  close(): void {
    this.#isRetired = true
    this.#idle.closeAll()
    if (this.#queue.count === 0) for (const session of this.#sessions) session.close()
  }

  /** A connection is free: it goes to a waiting request, becomes idle, or is closed. */
  onFree(connection: Http1Connection): void {
    const { keep_alive_timeout, keep_alive_max_age } = this.#settings
    const isOld = connection.idleSince - connection.created > keep_alive_max_age
    const isShared = connection.preface === undefined
    const first = isOld || !isShared ? undefined : this.#queue.takeFirst()
    if (first !== undefined) this.#start(first, connection)
    else if (this.#isRetired || isOld || keep_alive_timeout === 0) connection.close()
    else {
      this.#idle.add(connection)
      // A waiting request of the same client takes it; else it may have to make room for another client's.
      if (!isShared && this.#queue.count > 0) this.#serve()
    }
  }

  onClose(connection: Http1Connection): void {
    this.#connections.delete(connection)
    this.#idle.remove(connection)
    if (this.#queue.count > 0) this.#serve()
  }

  /** Never throws: the exchange whose end calls it must not fail for a waiting one. */
  readonly #serve = guarded(
    () => this.#serveAll(),
    (cause) => {
      const failure = new OriginFailure('internal', 'a connection could not be given', { cause })
      this.#queue.shift()?.fail(failure)
      if (this.#queue.count > 0) setImmediate(this.#serve)
    }
  )

  /** Gives free connections to waiting requests, first come, first served, and opens connections for the others. */
  #serveAll(): void {
    for (let first = this.#queue.first; first !== undefined; first = this.#queue.first) {
      const trusted = isIdempotent(first.request.method) ? Infinity : TRUSTED_IDLE
      const maxIdle = Math.min(trusted, this.#settings.keep_alive_timeout)
      const { preface } = first.request
      const taker = this.#idle.take(maxIdle, preface) ?? this.#freeSession()
      if (taker !== undefined) {
        this.#queue.remove(first)
        this.#start(first, taker)
      } else if (preface === undefined) break
      // Closing a connection serves the others, too.
      else if (this.#isFull()) return this.#idle.closeOldest()
      else {
        this.#queue.remove(first)
        void this.#openFor(first)
      }
    }
    const wanted = this.#queue.countReady()
    while (this.#connecting < wanted && this.#mayOpen()) void this.#open()
    // No idle connection is suitable: the one idle longest makes room.
    if (this.#connecting < wanted && this.#isFull()) this.#idle.closeOldest()
  }

  #start(waiting: Waiting, taker: Http1Connection | Http2Session): void {
    const { body } = waiting.request
    if (body === undefined || !isUnfinished(waiting.request)) return void waiting.start(taker)
    const giveBack = this.#uploads.take(body)
    waiting.start(taker, () => {
      giveBack()
      if (this.#queue.count > 0) this.#serve()
    })
  }

  /** The maximum number of concurrent requests. */
  #places(): number {
    const [session] = this.#sessions
    const streams = session === undefined ? 1 : session.active + session.available
    return this.#settings.connections * streams
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
      this.#queue.takeFirst()?.fail(failureOf(error))
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
    if (this.#queue.count > 0) this.#serve()
    else if (this.#isRetired) session.close()
  }

  /** On a connection of its own: it may become a tunnel, and HTTP/2 has no Upgrade header. */
  #sendAlone(request: OriginRequest, handler: OriginHandler): Exchange | undefined {
    if (this.#isFull()) this.#idle.closeOldest()
    if (this.#isFull()) return undefined
    const waiting = new Waiting(request, handler)
    void this.#openFor(waiting)
    return waiting
  }

  /** Opens a connection that belongs to one request, or to the requests of one client. */
  async #openFor(waiting: Waiting): Promise<void> {
    const { preface, upgrade, body } = waiting.request
    const isUpload = upgrade === undefined && body !== undefined && isUnfinished(waiting.request)
    const giveBack = isUpload ? once(this.#uploads.take(body)) : undefined
    this.#connecting++
    try {
      const made = await this.#connect(upgrade !== undefined, preface)
      const connection = new Http1Connection(made, this, preface)
      this.#connections.add(connection)
      if (!waiting.start(connection, giveBack)) connection.close()
    } catch (error) {
      giveBack?.()
      waiting.fail(failureOf(error))
    } finally {
      this.#connecting--
    }
    if (this.#queue.count > 0) this.#serve()
    else if (this.#isRetired) this.close()
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
