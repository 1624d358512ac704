import type { Identity as RequestIdentity } from '@reliw/http'

/** The user of a request, as an authentication method established it. */
export interface Identity extends RequestIdentity {
  readonly method: 'session' | 'basic' | 'api_key' | 'jwt' | 'forward'
  /** Whether a second factor was presented. */
  readonly secondFactor: boolean
  /** The user's claims in a token, or from a provider. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** The credentials of a request were not accepted. `reason` is logged, never sent to the client. */
export interface Refusal {
  readonly refused: 401 | 403 | 429 | 503
  readonly reason: string
  /** Seconds until another attempt is accepted. */
  readonly retryAfter?: number
  /** Reported if no authentication method accepts the request; absent if the refusal is no failed attempt. */
  readonly failure?: Failure
}

/** A failed attempt to authenticate. */
export interface Failure {
  readonly method: 'basic' | 'api_key' | 'jwt' | 'forward'
  /** Absent if the attempt names no known user: the name may be a mistyped password. */
  readonly user?: string | undefined
  /**
   * Why the attempt is no guess. `issued`: the credentials were valid once, or could not be verified; `foreign`: they
   * appear to be another issuer's. Absent: it may be a guess.
   */
  readonly excuse?: 'issued' | 'foreign' | undefined
}
