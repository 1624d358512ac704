import {
  type ForwardSettings,
  type JwtSettings,
  type Live,
  type Way,
  weakMemoize
} from '@reliw/model'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../caller.ts'
import { Misconfigured } from '../errors.ts'
import { ForwardAuth } from '../forward/forward-auth.ts'
import type { Identity, Refusal } from '../identity.ts'
import { KeySets } from '../jwt/key-sets.ts'
import { excuseOf } from '../jwt/refusals.ts'
import { TokenVerifier } from '../jwt/token-verifier.ts'
import type { Parts } from '../parts.ts'
import { byApiKey } from './api-key-way.ts'
import { bearerToken } from './authorization.ts'
import { BasicWay } from './basic-way.ts'
import { type Answered, askForward } from './forward-way.ts'
import { bySession } from './session-way.ts'
import { tellFailure } from './tell-failure.ts'

/**
 * The result of one authentication method: undefined without credentials, an identity, a refusal, or a response sent.
 */
export type Proof = Identity | Refusal | Answered | undefined

/** Maximum number of auth servers with connections; past it, the least recently used is closed. */
const MAX_FORWARDS = 500

/** The authentication methods. */
export class Ways {
  readonly #parts: Parts
  readonly #basic: BasicWay
  readonly #keySets: KeySets
  readonly #verifierOf = weakMemoize((settings: JwtSettings) => this.#makeVerifier(settings))
  /** Not memoized weakly, because connections have to be closed. */
  readonly #forwards = new LRUCache<ForwardSettings, ForwardAuth>({
    max: MAX_FORWARDS,
    memoMethod: (settings) => new ForwardAuth(settings),
    dispose: (forward) => forward.close()
  })

  constructor(parts: Parts) {
    this.#parts = parts
    this.#basic = new BasicWay(parts)
    this.#keySets = new KeySets({
      onFailure: (uri, reason) => parts.log.error({ auth: { uri, reason } }, 'keys not to be had')
    })
  }

  /**
   * Authenticates a request by one method. Throws, or rejects, if the store does, and with Busy, ClientLeft or
   * Misconfigured.
   */
  prove(way: Way, caller: Caller): Live<Proof> {
    const { settings } = caller
    if (typeof way === 'object')
      return 'jwt' in way ? this.#jwt(way.jwt, caller) : this.#forward(way.forward, caller)
    switch (way) {
      case 'session':
        return bySession(this.#parts, caller)
      case 'basic':
        return this.#basic.prove(caller)
      case 'api_key':
        return byApiKey(this.#parts, caller)
      case 'jwt':
        return this.#jwt(settings.jwt ?? missing('jwt'), caller)
      case 'forward':
    }
    return this.#forward(settings.forward ?? missing('forward'), caller)
  }

  /** Reports why no authentication method accepted a request. */
  tellFailure(caller: Caller, refusals: readonly Refusal[]): void {
    if (refusals.length > 0) tellFailure(this.#parts.log, caller, refusals)
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

  #jwt(settings: JwtSettings, caller: Caller): Live<Proof> {
    const token = bearerToken(caller.request.raw.headers)
    return token === undefined ? undefined : this.#verify(settings, token)
  }

  async #verify(settings: JwtSettings, token: string): Promise<Proof> {
    const proof = await this.#verifierOf(settings).verify(token)
    if (!('refused' in proof)) return proof
    return { ...proof, failure: { way: 'jwt', excuse: excuseOf(proof) } }
  }

  #forward(settings: ForwardSettings, caller: Caller): Live<Proof> {
    return askForward(this.#forwards.memo(settings), this.#parts.log, caller)
  }
}

function missing(way: string): never {
  throw new Misconfigured(`an entry asks for "${way}", of which the site’s auth says nothing`)
}
