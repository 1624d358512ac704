import { type Driver, type Live, StoreUnavailable, type Take, type Taken } from '@reliw/model'
import { LocalBudgets } from './local-budgets.ts'

/** How long requests wait for the store to count, in milliseconds. */
const PATIENCE = 40
/** How long counting is local after the store did not answer in time, in milliseconds. */
const PAUSE = 1000

export interface LimiterOptions {
  /** Counts for all servers; absent: every budget is this process's own. */
  driver?: Pick<Driver, 'take'> | undefined
  /** Whether the driver is worth asking. */
  isConnected?: () => boolean
  /** Told when the store stops, or starts again, to count for all. */
  onChange?: (isShared: boolean, cause: unknown) => void
}

interface Waiting {
  takes: readonly Take[]
  resolve: (taken: Taken[]) => void
}

/**
 * Counts uses in the store, so that all servers share each budget. What one turn of the event loop brings is
 * counted in one round trip. While the store is away, or slow, budgets of this process's own are used: a limit
 * then holds for each server.
 */
export class Limiter {
  readonly #options: LimiterOptions
  readonly #local = new LocalBudgets()
  #batch: Waiting[] = []
  #localUntil = 0
  #isShared = true
  /** Uses that were counted here because the store could not. */
  fallbacks = 0

  constructor(options: LimiterOptions) {
    this.#options = options
  }

  /** Whether budgets are shared at the moment. */
  get isShared(): boolean {
    return this.#isShared && this.#options.driver !== undefined
  }

  /** Uses one of each budget. Never rejects. */
  take(takes: readonly Take[]): Live<Taken[]> {
    const { driver, isConnected } = this.#options
    if (driver === undefined) return this.#local.take(takes)
    if (isConnected?.() === false) return this.#takeHere(takes, new StoreUnavailable())
    if (this.#localUntil > performance.now()) return this.#takeHere(takes, undefined)
    const { promise, resolve } = Promise.withResolvers<Taken[]>()
    if (this.#batch.push({ takes, resolve }) === 1) setImmediate(() => this.#flush(driver))
    return promise
  }

  /** Uses one of each budget of this process's own, whatever the store says. */
  takeLocally(takes: readonly Take[]): Taken[] {
    return this.#local.take(takes)
  }

  #flush(driver: Pick<Driver, 'take'>): void {
    const batch = this.#batch
    this.#batch = []
    let isOver = false
    const giveUp = (cause: unknown): void => {
      if (isOver) return
      isOver = true
      for (const { takes, resolve } of batch) resolve(this.#takeHere(takes, cause))
    }
    const timer = setTimeout(() => {
      // After a busy turn the answer may be there already: it is read before this is called late.
      setImmediate(() => {
        if (isOver) return
        this.#localUntil = performance.now() + PAUSE
        giveUp(new Error(`the store did not count within ${PATIENCE} ms`))
      })
    }, PATIENCE)
    driver
      .take(batch.flatMap(({ takes }) => takes))
      .then((taken) => {
        if (!isOver) this.#hand(batch, taken)
        return (isOver = true)
      })
      .catch(giveUp)
      .finally(() => clearTimeout(timer))
  }

  #hand(batch: readonly Waiting[], taken: readonly Taken[]): void {
    this.#tell(true, undefined)
    let at = 0
    for (const { takes, resolve } of batch) resolve(taken.slice(at, (at += takes.length)))
  }

  #takeHere(takes: readonly Take[], cause: unknown): Taken[] {
    this.fallbacks += takes.length
    if (cause !== undefined) this.#tell(false, cause)
    return this.#local.take(takes)
  }

  #tell(isShared: boolean, cause: unknown): void {
    if (this.#isShared === isShared) return
    this.#isShared = isShared
    this.#options.onChange?.(isShared, cause)
  }
}
