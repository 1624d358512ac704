import { eventChannel } from '@reliw/options'
import type { RequestEvent } from './request-event.ts'

/** A login, a failed authentication, or a logout. */
export interface AuthEvent extends RequestEvent {
  /** The user. Undefined when no user has the given name, which may be a mistyped password. */
  readonly user?: string | undefined
  /** The authentication method: `password`, `code`, `oidc`, `basic`, `api_key`, `jwt`, `forward`, `session`. */
  readonly way: string
  /** Why authentication failed. */
  readonly reason?: string | undefined
  /**
   * false: the credentials were valid once, or could not be checked, so the failure is not an attempt to guess them.
   */
  readonly isGuess?: boolean | undefined
}

/** Logins, failures and logouts, for metrics, logs and bans. */
export const authEvents = {
  login: eventChannel<AuthEvent>('reliw.auth.login'),
  failure: eventChannel<AuthEvent>('reliw.auth.failure'),
  logout: eventChannel<AuthEvent>('reliw.auth.logout')
}
