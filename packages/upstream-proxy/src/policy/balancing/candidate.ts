import type { Target } from '@reliw/model'

/** An origin that may be chosen. */
export interface Candidate {
  /** The same object at every call: policies keep their state of an origin by it. */
  readonly target: Target
  /** Exchanges under way. */
  readonly active: number
}

/** Chooses one of several origins. Each upstream has its own balancer. */
export interface Balancer {
  /**
   * @param candidates the origins that are usable now; never empty, and not the same at every call
   * @param key the key for `hash`
   */
  pick<C extends Candidate>(candidates: readonly C[], key: string): C
}
