import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent, type RequestOptions } from 'node:https'
import { exchange, StaleConnection, type AuthAnswer } from './exchange.ts'
import { ForwardFailure } from './failure.ts'
import { requestOptions } from './request-options.ts'
import { Turns } from '../turns.ts'

const MAX_CONNECTIONS = 64
const MAX_WAITING = 512
/** How long a connection without work is kept. */
const IDLE_MS = 15_000
/** What a timer can wait at most. */
const LONGEST_MS = 2 ** 31 - 1

/** Has a callback told once that a client has left; returns what stops that. */
export type WhenLeft = (tell: () => void) => () => void

/** Asks one URL over at most 64 connections, which are kept; 512 more requests may wait for them. */
export class AuthClient {
  readonly #options: RequestOptions
  readonly #agent: HttpAgent
  readonly #timeout: number
  readonly #turns = new Turns(MAX_CONNECTIONS, MAX_WAITING, full)
  #asking = 0
  #isClosed = false

  /** @param timeout of a whole exchange, waiting and connecting included, in milliseconds */
  constructor(url: URL, timeout: number) {
    const bounds = { keepAlive: true, maxSockets: MAX_CONNECTIONS, timeout: IDLE_MS }
    this.#agent = url.protocol === 'https:' ? new HttpsAgent(bounds) : new HttpAgent(bounds)
    this.#options = requestOptions(url)
    this.#timeout = Math.min(timeout, LONGEST_MS)
  }

  /**
   * Sends a GET request. Rejects when there is no whole answer in time, and after `close`.
   *
   * @param headers name, value, name, value, …: all of them, Host too
   * @param whenLeft tells that nobody wants the answer any more: the question ends then, under way or not
   */
  async get(headers: readonly string[], whenLeft?: WhenLeft): Promise<AuthAnswer> {
    if (this.#isClosed) throw new ForwardFailure('forward-auth is closed')
    const asking = new AbortController()
    const { signal } = asking
    const timer = setTimeout(() => asking.abort(late(this.#timeout)), this.#timeout)
    const stop = whenLeft?.(() => asking.abort(new ForwardFailure('the client has left')))
    this.#asking += 1
    try {
      await this.#turns.take(signal)
      try {
        return await this.#send({ ...this.#options, headers, signal })
      } finally {
        this.#turns.give()
      }
    } catch (error) {
      throw signal.aborted ? (signal.reason as Error) : error
    } finally {
      clearTimeout(timer)
      stop?.()
      this.#asking -= 1
      this.#endIfDone()
    }
  }

  /** Lets what is under way, or waits, come to its end; then the connections are closed. */
  close(): void {
    this.#isClosed = true
    this.#endIfDone()
  }

  #endIfDone(): void {
    if (this.#isClosed && this.#asking === 0) this.#agent.destroy()
  }

  async #send(options: RequestOptions): Promise<AuthAnswer> {
    try {
      return await exchange({ ...options, agent: this.#agent })
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error
      // Once more, on a connection of its own: other kept ones may be as stale.
      return exchange({ ...options, agent: false })
    }
  }
}

function full(): ForwardFailure {
  return new ForwardFailure('too many requests wait for the auth server')
}

function late(timeout: number): ForwardFailure {
  return new ForwardFailure(`the auth server took longer than ${timeout} ms`)
}
