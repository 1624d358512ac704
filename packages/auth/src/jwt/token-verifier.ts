import type { JwtSettings } from '@reliw/model'
import { errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose'
import type { Identity, Refusal } from '../identity.ts'
import { kindOfKey } from './algorithms.ts'
import { readIdentity } from './claims.ts'
import { RemoteKeys } from './jwks.ts'
import type { KeySets } from './key-sets.ts'
import { TokenCache } from './token-cache.ts'
import { foreign, malformed, refusalOf, unverifiable, invalid } from './refusals.ts'
import { readTokenHeader, type TokenHeader } from './token-header.ts'
import { TokenKeys, type TokenKey } from './token-keys.ts'

export interface TokenVerifierOptions {
  /** Shared key sets for `jwks_uri`. Default: keys of the verifier's own. */
  keySets?: KeySets
  /** The wall clock, in epoch milliseconds. Default: Date.now. */
  now?: () => number
}

/**
 * Verifies bearer tokens: signed JWTs (RFC 7519, RFC 8725). A token without `exp` is refused, though the RFC allows it:
 * a token cannot be revoked, so it has to expire.
 *
 * security: keys that a token itself brings or names (`jwk`, `jku`, `x5u`, `x5c`) are ignored: they would be the
 * attacker's.
 */
export class TokenVerifier {
  readonly #settings: JwtSettings
  readonly #algorithms: ReadonlySet<string>
  readonly #keys: TokenKeys
  readonly #cache = new TokenCache()
  readonly #now: () => number

  constructor(settings: JwtSettings, { keySets, now = Date.now }: TokenVerifierOptions = {}) {
    this.#settings = settings
    this.#algorithms = new Set(settings.algorithms.filter((name) => kindOfKey(name) !== undefined))
    this.#keys = new TokenKeys(settings, (uri) => keySets?.at(uri) ?? new RemoteKeys(uri))
    this.#now = now
  }

  /** What is wrong with the settings, for the log; tokens affected by it are refused with 503. */
  get fault(): string | undefined {
    return this.#keys.fault
  }

  /**
   * The identity in a token. Never rejects. Refuses with 403 a token that is malformed, larger than 8 KiB, of an
   * algorithm that is not accepted, or without a valid user or valid groups; with 401 a token that has a wrong
   * signature or an unknown key, has expired, or is from or for another party; with 503 any token while no keys are
   * available.
   *
   * @param token as received, without `Bearer`
   */
  async verify(token: string): Promise<Identity | Refusal> {
    try {
      const { source } = this.#keys
      const cached = this.#cache.find(token, source, this.#now())
      return cached ?? (await this.#check(token, source))
    } catch (error) {
      return refusalOf(error)
    }
  }

  /** @param source the source of keys before the verification: the identity is cached for these keys only */
  async #check(token: string, source: object | undefined): Promise<Identity | Refusal> {
    const header = readTokenHeader(token)
    if (typeof header === 'string') return malformed(header)
    if (!this.#algorithms.has(header.alg)) {
      return foreign(malformed('algorithm not accepted'))
    }
    const keys = await this.#keys.find(header)
    if (typeof keys === 'string') return unverifiable(`no keys: ${keys}`)
    if (keys.length === 0) return foreign(invalid('unknown key'))
    const claims = await this.#verifyWith(keys, token, header)
    return this.#accept(token, claims, source)
  }

  /** @throws {errors.JOSEError} the failure with the last key that was tried */
  async #verifyWith(
    keys: readonly TokenKey[],
    token: string,
    header: TokenHeader
  ): Promise<JWTPayload> {
    const options = this.#verifyOptions(header)
    let failure: unknown
    for (const key of keys) {
      try {
        const { payload } = await jwtVerify(token, key, options)
        return payload
      } catch (error) {
        failure = error
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) break
      }
    }
    throw failure
  }

  #verifyOptions({ alg }: TokenHeader): JWTVerifyOptions {
    const { issuer, audience, leeway, max_age: maxAge } = this.#settings
    return {
      algorithms: [alg],
      clockTolerance: leeway / 1000,
      currentDate: new Date(this.#now()),
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience: [audience].flat() }),
      ...(maxAge === undefined ? {} : { maxTokenAge: maxAge / 1000 })
    }
  }

  #accept(token: string, claims: JWTPayload, source: object | undefined): Identity | Refusal {
    // `exp` may be missing, or infinite: JSON allows the number 1e999.
    if (!Number.isFinite(claims.exp)) return invalid('exp: missing or infinite')
    const identity = readIdentity(claims, this.#settings)
    if (typeof identity === 'string') return malformed(identity)
    const end = this.#endOf(claims)
    if (source !== undefined) this.#cache.add(token, identity, source, end, this.#now())
    return identity
  }

  /** When the token will be refused as expired or too old, in epoch milliseconds. */
  #endOf({ exp = 0, iat = 0 }: JWTPayload): number {
    const { leeway, max_age: maxAge } = this.#settings
    const oldest = maxAge === undefined ? Infinity : iat * 1000 + maxAge
    return Math.min(exp * 1000, oldest) + leeway
  }
}
