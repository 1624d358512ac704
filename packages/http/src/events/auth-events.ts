import { eventChannel } from '@reliw/options'
import type { RequestEvent } from './request-event.ts'

/** A login, a failure, or a logout. */
export interface AuthEvent extends RequestEvent {
  /** Absent when nobody is known by the name that was given: it may be a mistyped password. */
  readonly user?: string | undefined
  /** How: `password`, `code`, `oidc`, `basic`, `api_key`, `jwt`, `forward`, `session`. */
  readonly way: string
  /** Why it failed. */
  readonly reason?: string | undefined
  /** false: what was shown was good once, or could not be checked, so nobody guesses. */
  readonly isGuess?: boolean | undefined
}

/** Who logs in, fails to, and out again, for metrics, logs and bans. */
export const authEvents = {
  login: eventChannel<AuthEvent>('reliw.auth.login'),
  failure: eventChannel<AuthEvent>('reliw.auth.failure'),
  logout: eventChannel<AuthEvent>('reliw.auth.logout')
}
