import {
  type ForwardSettings,
  type JwtSettings,
  type Live,
  type AuthMethod,
  weakMemoize
} from '@reliw/model'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../caller.ts'
import { Misconfigured } from '../errors.ts'
import type { DecisionCache } from '../forward/decision-cache.ts'
import { ForwardAuth } from '../forward/forward-auth.ts'
import type { Identity, Refusal } from '../identity.ts'
import { KeySets } from '../jwt/key-sets.ts'
import { excuseOf } from '../jwt/refusals.ts'
import { TokenVerifier } from '../jwt/token-verifier.ts'
import type { Parts } from '../parts.ts'
import { authenticateByApiKey } from './api-key.ts'
import { bearerToken } from './authorization.ts'
import { BasicAuth } from './basic.ts'
import { type Responded, authenticateByForwardAuth } from './forward.ts'
import { authenticateBySession } from './session.ts'
import { reportFailure } from './report-failure.ts'

/**
 * The result of one authentication method: undefined without credentials, an identity, a refusal, or a response sent.
 */
export type AuthResult = Identity | Refusal | Responded | undefined

/** Maximum number of auth servers with connections; past it, the least recently used is closed. */
const MAX_FORWARDS = 500

/** The authentication methods. */
export class AuthMethods {
  readonly #parts: Parts
  readonly #basic: BasicAuth
  readonly #decisions: DecisionCache
  readonly #keySets: KeySets
  readonly #verifierOf = weakMemoize((settings: JwtSettings) => this.#makeVerifier(settings))
  /** Not memoized weakly, because connections have to be closed. */
  readonly #forwards = new LRUCache<ForwardSettings, ForwardAuth>({
    max: MAX_FORWARDS,
    memoMethod: (settings) => new ForwardAuth(settings, this.#decisions),
    dispose: (forward) => forward.close()
  })

  /** @param decisions cached decisions of auth servers */
  constructor(parts: Parts, decisions: DecisionCache) {
    this.#parts = parts
    this.#decisions = decisions
    this.#basic = new BasicAuth(parts)
    this.#keySets = new KeySets({
      onFailure: (uri, reason) =>
        parts.log.error({ auth: { uri, reason } }, 'keys could not be fetched')
    })
  }

  /**
   * Authenticates a request by one method. Throws, or rejects, if the store does, and with Busy, ClientLeft or
   * Misconfigured.
   */
  authenticate(method: AuthMethod, caller: Caller): Live<AuthResult> {
    const { settings } = caller
    if (typeof method === 'object')
      return 'jwt' in method ? this.#jwt(method.jwt, caller) : this.#forward(method.forward, caller)
    switch (method) {
      case 'session':
        return authenticateBySession(this.#parts, caller)
      case 'basic':
        return this.#basic.authenticate(caller)
      case 'api_key':
        return authenticateByApiKey(this.#parts, caller)
      case 'jwt':
        return this.#jwt(settings.jwt ?? missing('jwt'), caller)
      case 'forward':
    }
    return this.#forward(settings.forward ?? missing('forward'), caller)
  }

  /** Reports why no authentication method accepted a request. */
  reportFailure(caller: Caller, refusals: readonly Refusal[]): void {
    if (refusals.length > 0) reportFailure(this.#parts.log, caller, refusals)
  }

  close(): void {
    this.#forwards.clear()
  }

  /** Key sets are kept when the settings change: the keys of an issuer that cannot be reached stay valid. */
  #makeVerifier(settings: JwtSettings): TokenVerifier {
    const verifier = new TokenVerifier(settings, { keySets: this.#keySets })
    const { fault } = verifier
    if (fault !== undefined) this.#parts.log.error({ auth: { reason: fault } }, 'no usable key')
    return verifier
  }

  #jwt(settings: JwtSettings, caller: Caller): Live<AuthResult> {
    const token = bearerToken(caller.request.raw.headers)
    return token === undefined ? undefined : this.#verify(settings, token)
  }

  async #verify(settings: JwtSettings, token: string): Promise<AuthResult> {
    const result = await this.#verifierOf(settings).verify(token)
    if (!('refused' in result)) return result
    return { ...result, failure: { method: 'jwt', excuse: excuseOf(result) } }
  }

  #forward(settings: ForwardSettings, caller: Caller): Live<AuthResult> {
    return authenticateByForwardAuth(this.#forwards.memo(settings), this.#parts.log, caller)
  }
}

function missing(method: string): never {
  throw new Misconfigured(
    `an entry requires "${method}", but the site has no settings for it: add auth.${method}`
  )
}
