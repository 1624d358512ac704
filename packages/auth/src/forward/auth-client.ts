import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent, type RequestOptions } from 'node:https'
import { exchange, StaleConnection, type AuthResponse } from './exchange.ts'
import { ForwardFailure } from './failure.ts'
import { requestOptions } from './request-options.ts'
import { Semaphore } from '../semaphore.ts'

const MAX_CONNECTIONS = 64
const MAX_WAITING = 512
/** How long an idle connection is kept, in milliseconds. */
const IDLE_MS = 15_000
/** The longest delay of a timer, in milliseconds. */
const MAX_MS = 2 ** 31 - 1

/** Calls `listener` once if the client leaves; returns a function that cancels that. */
export type WhenLeft = (listener: () => void) => () => void

/** Sends requests to one URL over at most 64 connections, which are kept alive; 512 more requests may wait for them. */
export class AuthClient {
  readonly #options: RequestOptions
  readonly #agent: HttpAgent
  readonly #timeout: number
  readonly #semaphore = new Semaphore(MAX_CONNECTIONS, MAX_WAITING, full)
  #pending = 0
  #isClosed = false

  /** @param timeout of a whole exchange, including waiting and connecting, in milliseconds */
  constructor(url: URL, timeout: number) {
    const bounds = { keepAlive: true, maxSockets: MAX_CONNECTIONS, timeout: IDLE_MS }
    this.#agent = url.protocol === 'https:' ? new HttpsAgent(bounds) : new HttpAgent(bounds)
    this.#options = requestOptions(url)
    this.#timeout = Math.min(timeout, MAX_MS)
  }

  /**
   * Sends a GET request. Rejects if the whole response does not arrive in time, and after `close`.
   *
   * @param headers name, value, name, value, …: all of them, including Host
   * @param whenLeft reports that the client has left: the request is then aborted, even while it waits
   */
  async get(headers: readonly string[], whenLeft?: WhenLeft): Promise<AuthResponse> {
    if (this.#isClosed) throw new ForwardFailure('forward-auth is closed')
    const controller = new AbortController()
    const { signal } = controller
    const timer = setTimeout(() => controller.abort(late(this.#timeout)), this.#timeout)
    const stop = whenLeft?.(() => controller.abort(new ForwardFailure('the client has left')))
    this.#pending += 1
    try {
      await this.#semaphore.acquire(signal)
      try {
        return await this.#send({ ...this.#options, headers, signal })
      } finally {
        this.#semaphore.release()
      }
    } catch (error) {
      throw signal.aborted ? (signal.reason as Error) : error
    } finally {
      clearTimeout(timer)
      stop?.()
      this.#pending -= 1
      this.#endIfDone()
    }
  }

  /** Lets running and waiting requests finish, then closes the connections. */
  close(): void {
    this.#isClosed = true
    this.#endIfDone()
  }

  #endIfDone(): void {
    if (this.#isClosed && this.#pending === 0) this.#agent.destroy()
  }

  async #send(options: RequestOptions): Promise<AuthResponse> {
    try {
      return await exchange({ ...options, agent: this.#agent })
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error
      // Retries once, on a new connection: other idle ones may be stale as well.
      return exchange({ ...options, agent: false })
    }
  }
}

function full(): ForwardFailure {
  return new ForwardFailure('too many requests are waiting for the auth server')
}

function late(timeout: number): ForwardFailure {
  return new ForwardFailure(`the auth server took longer than ${timeout} ms`)
}
