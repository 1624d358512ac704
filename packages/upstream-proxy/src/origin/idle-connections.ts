import type { Http1Connection } from '../http1/http1-connection.ts'
import type { PoolSettings } from './pool.ts'

/**
 * Safety margin before the keep-alive timeout that an origin announces, in milliseconds: a request sent later would
 * race with the closing of the connection.
 */
const MARGIN = 1000

/** The idle connections to an origin. The connection that became idle last is used first. */
export class IdleConnections {
  readonly #settings: Pick<PoolSettings, 'keep_alive_timeout' | 'keep_alive_max_age'>
  readonly #connections: Http1Connection[] = []

  constructor(settings: Pick<PoolSettings, 'keep_alive_timeout' | 'keep_alive_max_age'>) {
    this.#settings = settings
  }

  get count(): number {
    return this.#connections.length
  }

  add(connection: Http1Connection): void {
    this.#connections.push(connection)
  }

  remove(connection: Http1Connection): void {
    const at = this.#connections.indexOf(connection)
    if (at !== -1) this.#connections.splice(at, 1)
  }

  /**
   * Takes a connection for a request.
   *
   * @param maxIdle how long the connection may have been idle, in milliseconds
   * @param preface the bytes with which it must have begun
   */
  take(maxIdle: number, preface?: Buffer): Http1Connection | undefined {
    const at =
      preface === undefined
        ? this.#connections.length - 1
        : this.#connections.findLastIndex((one) => one.preface?.equals(preface) === true)
    const connection = this.#connections[at]
    if (connection === undefined) return undefined
    if (!this.#isUsable(connection, maxIdle, performance.now())) return undefined
    this.#connections.splice(at, 1)
    return connection
  }

  /** Makes room for another connection. */
  closeOldest(): void {
    this.#connections[0]?.close()
  }

  /** Closes connections that have been idle for too long, or are too old. */
  sweep(now: number): void {
    const { keep_alive_timeout } = this.#settings
    for (const connection of this.#connections.slice()) {
      if (!this.#isUsable(connection, keep_alive_timeout, now)) connection.close()
    }
  }

  closeAll(): void {
    for (const connection of this.#connections.slice()) connection.close()
  }

  #isUsable(connection: Http1Connection, maxIdle: number, now: number): boolean {
    const announced = connection.keepAliveTimeout
    const kept = Math.min(maxIdle, Math.max(announced - MARGIN, announced / 2))
    const isYoung = now - connection.created < this.#settings.keep_alive_max_age
    return isYoung && now - connection.idleSince < kept
  }
}
