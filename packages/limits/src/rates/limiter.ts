import { type Driver, type Live, StoreUnavailable, type Take, type Taken } from '@reliw/model'
import { guarded } from '@reliw/options'
import { LocalBudgets } from './local-budgets.ts'

/** How long a request waits for the store to count, in milliseconds. */
const TIMEOUT = 40
/** How long counting stays local after the store timed out, in milliseconds. */
const PAUSE = 1000

export interface LimiterOptions {
  /** The shared store; without it, every budget is local to this process. */
  driver?: Pick<Driver, 'take'> | undefined
  /** Whether the driver is connected. */
  isConnected?: () => boolean
  /** Called when counting switches between the shared store and local budgets. */
  onChange?: (isShared: boolean, cause: unknown) => void
}

interface Waiting {
  takes: readonly Take[]
  resolve: (taken: Taken[]) => void
}

/**
 * Counts uses in the store, so that all servers share each budget. The uses of one turn of the event loop are counted
 * in one round trip. While the store is unavailable or slow, budgets local to this process are used: a limit then
 * applies to each server separately.
 */
export class Limiter {
  readonly #options: LimiterOptions
  readonly #onChange: (isShared: boolean, cause: unknown) => void
  readonly #local = new LocalBudgets()
  #batch: Waiting[] = []
  #localUntil = 0
  #isShared = true
  /** Uses that were counted locally because the store was unavailable or slow. */
  fallbacks = 0

  constructor(options: LimiterOptions) {
    this.#options = options
    // The app's logger may throw; the requests of a batch still get their results.
    this.#onChange = guarded(options.onChange ?? (() => undefined), () => undefined)
  }

  /** Whether budgets are currently shared through the store. */
  get isShared(): boolean {
    return this.#isShared && this.#options.driver !== undefined
  }

  /** Takes one use from each budget. Never rejects. */
  take(takes: readonly Take[]): Live<Taken[]> {
    const { driver, isConnected } = this.#options
    if (driver === undefined) return this.#local.take(takes)
    if (isConnected?.() === false) return this.#takeFallback(takes, new StoreUnavailable())
    if (this.#localUntil > performance.now()) return this.#takeFallback(takes, undefined)
    const { promise, resolve } = Promise.withResolvers<Taken[]>()
    if (this.#batch.push({ takes, resolve }) === 1) setImmediate(() => this.#flush(driver))
    return promise
  }

  /** Takes one use from each local budget, whatever the state of the store. */
  takeLocally(takes: readonly Take[]): Taken[] {
    return this.#local.take(takes)
  }

  #flush(driver: Pick<Driver, 'take'>): void {
    const batch = this.#batch
    this.#batch = []
    let isOver = false
    const fallBack = (cause: unknown): void => {
      if (isOver) return
      isOver = true
      for (const { takes, resolve } of batch) resolve(this.#takeFallback(takes, cause))
    }
    const timer = setTimeout(() => {
      // After a long turn of the event loop, the store's reply may already have arrived: let it be read before falling
      // back.
      setImmediate(() => {
        if (isOver) return
        this.#localUntil = performance.now() + PAUSE
        fallBack(new Error(`the store did not respond within ${TIMEOUT} ms`))
      })
    }, TIMEOUT)
    const take = async (): Promise<Taken[]> => driver.take(batch.flatMap(({ takes }) => takes))
    take()
      .then((taken) => {
        if (!isOver) this.#resolve(batch, taken)
        return (isOver = true)
      })
      .catch(fallBack)
      .finally(() => clearTimeout(timer))
  }

  #resolve(batch: readonly Waiting[], taken: readonly Taken[]): void {
    this.#report(true, undefined)
    let at = 0
    for (const { takes, resolve } of batch) resolve(taken.slice(at, (at += takes.length)))
  }

  #takeFallback(takes: readonly Take[], cause: unknown): Taken[] {
    this.fallbacks += takes.length
    if (cause !== undefined) this.#report(false, cause)
    return this.#local.take(takes)
  }

  #report(isShared: boolean, cause: unknown): void {
    if (this.#isShared === isShared) return
    this.#isShared = isShared
    this.#onChange(isShared, cause)
  }
}
