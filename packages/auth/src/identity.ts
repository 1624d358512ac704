/** Who a request is from, as one of the ways of proving it established. */
export interface Identity {
  readonly user: string
  readonly groups: readonly string[]
  readonly method: 'session' | 'basic' | 'api_key' | 'jwt' | 'forward'
  /** Whether a second factor was shown. */
  readonly secondFactor: boolean
  /** What a token or a provider said of the user. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** What a request shows proves nothing. `reason` is for the log, never for the client. */
export interface Refusal {
  readonly refused: 401 | 403 | 429 | 503
  readonly reason: string
  /** Seconds after which another attempt may be judged. */
  readonly retryAfter?: number
  /** What is told of it when no way accepts the request; absent where nothing was judged. */
  readonly failure?: Failure
}

/** A way in which a request failed to prove who it is from. */
export interface Failure {
  readonly way: 'basic' | 'api_key' | 'jwt' | 'forward'
  /** Absent when nobody is known by the name that was given. */
  readonly user?: string | undefined
  /**
   * Why it is no guess: `issued`: what was shown was good once, or nobody could check it; `foreign`: it is
   * meant for somebody else. Absent: it may be one.
   */
  readonly excuse?: 'issued' | 'foreign' | undefined
}
