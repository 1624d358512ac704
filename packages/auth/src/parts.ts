import type { ApiKey, Live, Store } from '@reliw/model'
import type { FastifyBaseLogger } from 'fastify'
import type { LoginWaits } from './login/login-waits.ts'
import type { Passwords } from './passwords/verify.ts'
import type { Sessions } from './sessions/sessions.ts'
import type { FindUser } from './users.ts'

/** What the authentication methods share. */
export interface Parts {
  readonly log: FastifyBaseLogger
  /** The store in which password hashes are upgraded; undefined without a store, or if users come from the options. */
  readonly store: Store | undefined
  readonly findUser: FindUser
  /** `hash`: the hex SHA-256 of the key. */
  readonly findApiKey: (host: string, hash: string) => Live<ApiKey | undefined>
  readonly passwords: Passwords
  readonly sessions: Sessions
  readonly guard: PasswordGuard
}

/** Protection against guessing. */
export interface PasswordGuard {
  readonly waits: LoginWaits
  /** Whether a one-time code is presented for the first time within five minutes. */
  readonly isFirst: (host: string, what: string) => Promise<boolean>
}
