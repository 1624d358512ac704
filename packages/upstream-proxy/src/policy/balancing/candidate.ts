import type { Target } from '@reliw/model'

/** An origin that may be chosen. */
export interface Candidate {
  /** The same object at every call: what a policy remembers of an origin hangs on it. */
  readonly target: Target
  /** Exchanges under way. */
  readonly active: number
}

/** Chooses one of several origins; made for one upstream. */
export interface Balancer {
  /**
   * @param candidates those that are usable now; never empty, and not the same ones at every call
   * @param key what `hash` chooses by
   */
  pick<C extends Candidate>(candidates: readonly C[], key: string): C
}
