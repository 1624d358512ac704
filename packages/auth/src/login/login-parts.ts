import type { Caller } from '../caller.ts'
import type { Parts } from '../parts.ts'
import type { LoginPages } from './login-pages.ts'
import type { PendingLogins } from './pending-logins.ts'

/** A completed login. */
export interface LoggedIn {
  user: string
  groups: readonly string[]
  secondFactor: boolean
  method: 'password' | 'code' | 'oidc'
  /** The fingerprint of a local user's password. */
  mark?: string
  /** The issuer of a provider's user. */
  issuer?: string
  next: string
}

/** What the steps of a login share. */
export interface LoginParts {
  readonly parts: Parts
  readonly pages: LoginPages
  readonly pending: PendingLogins
  /** Begins the session, and sends the response. */
  readonly finish: (caller: Caller, done: LoggedIn) => Promise<void>
}
