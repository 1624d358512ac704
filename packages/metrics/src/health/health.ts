import type { Store } from '@reliw/store'

/** Why requests are not welcome. */
export type Unready = 'draining' | 'the store has not answered yet'

/** Whether requests are welcome. */
export class Health {
  readonly #store: Pick<Store, 'connected'> | undefined
  #hasAnswered: boolean
  /** Whether the server is about to end. */
  isDraining = false

  constructor(store: Pick<Store, 'connected'> | undefined) {
    this.#store = store
    this.#hasAnswered = store === undefined
  }

  /** Undefined when requests are welcome. A store that is lost later is no reason: what is kept is served. */
  get unready(): Unready | undefined {
    if (this.isDraining) return 'draining'
    this.#hasAnswered ||= this.#store?.connected === true
    return this.#hasAnswered ? undefined : 'the store has not answered yet'
  }
}
