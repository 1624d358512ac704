import type { ApiKey, Live, Store } from '@reliw/model'
import type { FastifyBaseLogger } from 'fastify'
import type { LoginWaits } from './login/login-waits.ts'
import type { Passwords } from './passwords/verify.ts'
import type { Sessions } from './sessions/sessions.ts'
import type { FindUser } from './users.ts'

/** What the ways of proving who one is have in common. */
export interface Parts {
  readonly log: FastifyBaseLogger
  /** Where users are written to, if there is one. */
  readonly store: Store | undefined
  readonly findUser: FindUser
  /** By the hex SHA-256 of a key. */
  readonly findApiKey: (host: string, hash: string) => Live<ApiKey | undefined>
  readonly passwords: Passwords
  readonly sessions: Sessions
  readonly guard: PasswordGuard
}

/** What keeps guessers out. */
export interface PasswordGuard {
  readonly waits: LoginWaits
  /** Whether something that may be shown once, in the next minutes, is shown for the first time. */
  readonly isFirst: (host: string, what: string) => Promise<boolean>
}
