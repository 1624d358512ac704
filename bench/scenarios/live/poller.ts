import { ask, oneConnection, type Target } from '../../harness/target.ts'
import { versionOf } from './change.ts'

/** When a response showed a version, in nanoseconds; `undefined`: not within the time. */
export type Seen = bigint | undefined

/** Asks for one thing, again and again over one connection, each time as soon as the response is there. */
export class Poller {
  readonly #target: Omit<Target, 'body'>
  readonly #agent = oneConnection()
  #isStopped = false
  #newest = -1
  #awaited: { version: number; resolve: (at: Seen) => void } | undefined
  readonly #loop: Promise<void>
  #failure: Error | undefined
  /** Responses so far. */
  responses = 0
  /** Responses that showed an older version than one before them. */
  wentBack = 0
  /** Responses that were not 200 with a version, by what they were. */
  readonly wrong: Record<string, number> = {}

  constructor(target: Omit<Target, 'body'>) {
    this.#target = target
    this.#loop = this.#run()
  }

  /** Resolves when a response shows the version or a later one. */
  async see(version: number, patience: number): Promise<Seen> {
    if (this.#failure) throw this.#failure
    const { promise, resolve } = Promise.withResolvers<Seen>()
    this.#awaited = { version, resolve }
    const timer = setTimeout(() => resolve(undefined), patience)
    const at = await promise
    clearTimeout(timer)
    if (this.#failure) throw this.#failure
    return at
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#loop
    this.#agent.destroy()
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isStopped) await this.#ask()
    } catch (error) {
      this.#failure = error as Error
      this.#awaited?.resolve(undefined)
    }
  }

  async #ask(): Promise<void> {
    const { status, headers, body } = await ask(this.#target, this.#agent)
    const at = process.hrtime.bigint()
    this.responses++
    const version = versionOf(headers, body)
    if (status !== 200 || Number.isNaN(version)) {
      const what = status === 200 ? '200 without a version' : String(status)
      this.wrong[what] = (this.wrong[what] ?? 0) + 1
      return
    }
    if (version < this.#newest) this.wentBack++
    this.#newest = Math.max(this.#newest, version)
    if (this.#awaited !== undefined && version >= this.#awaited.version) this.#awaited.resolve(at)
  }
}
