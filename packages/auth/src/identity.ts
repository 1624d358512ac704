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
}
