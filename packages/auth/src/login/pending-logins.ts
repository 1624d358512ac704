import type { Keyspace } from '@reliw/model'
import { clientBlock } from '@reliw/options'
import type { Caller } from '../caller.ts'
import { TooManyFailures } from '../errors.ts'
import type { OidcFlow } from '../oidc/flow.ts'
import { clearCookie, LOGIN_COOKIE, readCookie, setCookie } from '../sessions/cookies.ts'
import type { Keys } from '../sessions/memory-keys.ts'
import { hashToken, isToken, newToken } from '../token.ts'

/** An unfinished login: the password was correct and the code is missing, or the user is at a provider. */
export type PendingLogin =
  | { kind: 'code'; user: string; mark: string; next: string }
  | { kind: 'oidc'; flow: OidcFlow; next: string }

/** How long a login may take, in seconds. */
const LOGIN_TIMEOUT = 10 * 60
/**
 * Maximum number of logins that one address may begin in that time, including finished ones: without cookies each visit
 * begins a new one.
 */
const MAX_BEGUN = 1000
/** The same for all clients of unknown address together. */
const MAX_BEGUN_BY_UNKNOWN = 100_000

/** Unfinished logins. The client has a separate token for each, which is not a session. */
export class PendingLogins {
  readonly #keyspace: Keyspace
  readonly #keys: Keys

  constructor(keyspace: Keyspace, keys: Keys) {
    this.#keyspace = keyspace
    this.#keys = keys
  }

  /**
   * Begins a login, and ends one that this browser began before. Rejects if the store does, and with TooManyFailures.
   */
  async begin(caller: Caller, login: PendingLogin): Promise<void> {
    await this.#count(caller)
    const before = this.#keyOf(caller)
    const token = newToken()
    const key = this.#keyspace.login(caller.site, hashToken(token))
    const value = JSON.stringify(login)
    await this.#keys.write([
      ...(before === undefined ? [] : [{ op: 'delete', key: before } as const]),
      { op: 'set', key, value, ttl: LOGIN_TIMEOUT * 1000 }
    ])
    setCookie(caller, LOGIN_COOKIE, token, LOGIN_TIMEOUT)
  }

  /** security: beginning a login costs a client nothing, but a key in the store. */
  async #count({ site, clientIp, reply }: Caller): Promise<void> {
    const address = clientBlock(clientIp)
    const most = address === undefined ? MAX_BEGUN_BY_UNKNOWN : MAX_BEGUN
    const key = this.#keyspace.limit(site, 'login-begun', address ?? '')
    const [begun = 0] = await this.#keys.increment([{ key, by: 1, ttl: LOGIN_TIMEOUT * 1000 }])
    if (begun <= most) return
    const left = (await this.#keys.ttl(key)) ?? 0
    reply.header('retry-after', String(Math.max(1, Math.ceil(left / 1000))))
    throw new TooManyFailures()
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
    return isToken(token) ? this.#keyspace.login(caller.site, hashToken(token)) : undefined
  }
}
