import type { Keyspace } from '@reliw/store'
import type { Caller } from '../caller.ts'
import type { OidcFlow } from '../oidc/flow.ts'
import { clearCookie, LOGIN_COOKIE, readCookie, setCookie } from '../sessions/cookies.ts'
import type { Keys } from '../sessions/memory-keys.ts'
import { hashToken, isToken, newToken } from '../token.ts'

/** A login that is not over: the password was right, or the user is at another provider. */
export type PendingLogin =
  | { kind: 'code'; user: string; mark: string; next: string }
  | { kind: 'oidc'; flow: OidcFlow; next: string }

/** How long it may take, in seconds. */
const PATIENCE = 10 * 60

/** Logins under way. The client has a token of its own for each; it is no session. */
export class PendingLogins {
  readonly #keyspace: Keyspace
  readonly #keys: Keys

  constructor(keyspace: Keyspace, keys: Keys) {
    this.#keyspace = keyspace
    this.#keys = keys
  }

  async begin(caller: Caller, login: PendingLogin): Promise<void> {
    const token = newToken()
    const key = this.#keyspace.login(caller.host, hashToken(token))
    const value = JSON.stringify(login)
    await this.#keys.write([{ op: 'set', key, value, ttl: PATIENCE * 1000 }])
    setCookie(caller, LOGIN_COOKIE, token, PATIENCE)
  }

  async find<K extends PendingLogin['kind']>(
    caller: Caller,
    kind: K
  ): Promise<Extract<PendingLogin, { kind: K }> | undefined> {
    const key = this.#keyOf(caller)
    const raw = key === undefined ? undefined : await this.#keys.get(key)
    const login = raw && (JSON.parse(raw.toString()) as PendingLogin)
    return login?.kind === kind ? (login as Extract<PendingLogin, { kind: K }>) : undefined
  }

  async end(caller: Caller): Promise<void> {
    const key = this.#keyOf(caller)
    if (key === undefined) return
    await this.#keys.write([{ op: 'delete', key }])
    clearCookie(caller, LOGIN_COOKIE)
  }

  #keyOf(caller: Caller): string | undefined {
    const token = readCookie(caller, LOGIN_COOKIE)
    return isToken(token) ? this.#keyspace.login(caller.host, hashToken(token)) : undefined
  }
}
