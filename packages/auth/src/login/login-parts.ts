import type { Caller } from '../caller.ts'
import type { Parts } from '../parts.ts'
import type { LoginPages } from './login-pages.ts'
import type { PendingLogins } from './pending-logins.ts'

/** Who came in, and how. */
export interface LoggedIn {
  user: string
  groups: readonly string[]
  secondFactor: boolean
  way: 'password' | 'code' | 'oidc'
  /** Of a user of our own. */
  mark?: string
  /** Of another's. */
  issuer?: string
  next: string
}

/** What the steps of a login share. */
export interface LoginParts {
  readonly parts: Parts
  readonly pages: LoginPages
  readonly pending: PendingLogins
  /** Begins the session, and answers. */
  readonly finish: (caller: Caller, done: LoggedIn) => Promise<void>
}
