import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { HonestRequest } from './attack.ts'

/** What an honest client met with. */
export interface Experience {
  readonly asked: number
  /** Responses other than 200, and none at all. */
  readonly failures: readonly string[]
  /** The longest time to a whole response, in milliseconds. */
  readonly worst: number
}

/** Between two requests, in milliseconds. */
const PAUSE = 50
/** A client that has waited for so long has left; in milliseconds. */
const PATIENCE = 30_000

/** Somebody with another address than attackers, who asks again and again, each time on a new connection. */
export class HonestClient {
  #worst = 0
  #asked = 0
  #isOver = false
  readonly #failures: string[] = []
  readonly #port: number
  readonly #done: Promise<unknown>

  constructor(port: number, requests: readonly HonestRequest[]) {
    this.#port = port
    this.#done = Promise.all(requests.map((one) => this.#repeat(one)))
  }

  /** Waits for the last responses. */
  async stop(): Promise<Experience> {
    this.#isOver = true
    await this.#done
    return { asked: this.#asked, failures: this.#failures, worst: this.#worst }
  }

  async #repeat(one: HonestRequest): Promise<void> {
    while (!this.#isOver) {
      const started = performance.now()
      this.#asked += 1
      try {
        const status = await ask(this.#port, one)
        if (status !== 200) this.#failures.push(`${status} for ${one.host}${one.path}`)
      } catch (error) {
        this.#failures.push(`${(error as Error).message} for ${one.host}${one.path}`)
      }
      this.#worst = Math.max(this.#worst, performance.now() - started)
      await delay(PAUSE)
    }
  }
}

function ask(port: number, { host, path }: HonestRequest): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const asked = request({
    port,
    path,
    host: '127.0.0.1',
    localAddress: '127.0.0.2',
    headers: { host },
    agent: false,
    signal: AbortSignal.timeout(PATIENCE)
  })
  asked.on('error', reject).on('response', (response) => {
    response.on('error', reject).on('end', () => resolve(response.statusCode ?? 0))
    response.resume()
  })
  asked.end()
  return promise
}
