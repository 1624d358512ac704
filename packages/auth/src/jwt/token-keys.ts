import { createSecretKey, type KeyObject, type webcrypto } from 'node:crypto'
import type { JwtSettings } from '@reliw/model'
import { kindOfKey } from './algorithms.ts'
import { RemoteKeys } from './jwks.ts'
import type { TokenHeader } from './token-header.ts'
import { isKeyFor, readPublicKey, type VerificationKey } from './verification-key.ts'

/** A key that verifies signatures. */
export type TokenKey = KeyObject | webcrypto.CryptoKey

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/**
 * The keys that settings name.
 *
 * security: the algorithm alone decides which of them verifies a token: the secret for HS algorithms, the issuer's
 * public keys for all others. Otherwise an attacker could sign with a public key as the secret.
 */
export class TokenKeys {
  /** What is wrong with the settings; tokens affected by it are refused. */
  readonly fault: string | undefined
  readonly #secrets: ReadonlyMap<string, TokenKey>
  /** Undefined if there is none, or none that can be used. */
  readonly #issuer: VerificationKey | RemoteKeys | undefined

  /** @param remoteKeysAt returns the keys at an address; called with safe addresses only */
  constructor(settings: JwtSettings, remoteKeysAt: (uri: string) => RemoteKeys) {
    const { algorithms, secret } = settings
    const symmetric = algorithms.filter((name) => kindOfKey(name) === 'secret')
    const asymmetric = algorithms.filter((name) => !['secret', undefined].includes(kindOfKey(name)))
    const issuer = asymmetric.length === 0 ? undefined : readIssuer(settings, remoteKeysAt)
    this.#secrets = importSecrets(symmetric, secret)
    this.#issuer = typeof issuer === 'string' ? undefined : issuer
    if (typeof issuer === 'string') this.fault = issuer
    else if (symmetric.length > 0 && this.#secrets.size === 0) this.fault = 'secret is missing'
    else if (symmetric.length + asymmetric.length === 0)
      this.fault = 'algorithms has no supported algorithm'
  }

  /** The current source of keys: a new object if the keys may have changed, undefined if that is uncertain. */
  get source(): object | undefined {
    return this.#issuer instanceof RemoteKeys ? this.#issuer.fresh : this
  }

  /** The keys that a token may be signed with; a string says why none are available. */
  async find(header: TokenHeader): Promise<readonly TokenKey[] | string> {
    const issuer = this.#issuer
    if (kindOfKey(header.alg) === 'secret') {
      const secret = this.#secrets.get(header.alg)
      return secret === undefined ? 'secret is missing' : [secret]
    }
    if (issuer instanceof RemoteKeys) {
      const keys = await issuer.find(header)
      return keys?.map(({ key }) => key) ?? issuer.failure ?? 'not fetched yet'
    }
    if (issuer === undefined) return this.fault ?? 'none configured'
    return isKeyFor(issuer, header.alg) ? [issuer.key] : []
  }
}

function importSecrets(
  algorithms: readonly string[],
  secret: string | undefined
): ReadonlyMap<string, TokenKey> {
  if (secret === undefined || secret === '') return new Map()
  const key = createSecretKey(secret, 'utf8')
  return new Map(
    algorithms.map((name) => {
      const algorithm = { name: 'HMAC', hash: `SHA-${name.slice(2)}` }
      return [name, key.toCryptoKey(algorithm, false, ['verify'])]
    })
  )
}

/** @returns a string that says what is wrong, without the key or the address, if something is */
function readIssuer(
  { algorithms, public_key: publicKey, jwks_uri: uri }: JwtSettings,
  remoteKeysAt: (uri: string) => RemoteKeys
): VerificationKey | RemoteKeys | string {
  if (publicKey !== undefined) {
    const key = readPublicKey(publicKey)
    if (typeof key === 'string') return `public_key: ${key}`
    const isUsable = algorithms.some((name) => isKeyFor(key, name))
    return isUsable ? key : 'public_key fits none of the algorithms'
  }
  if (uri === undefined) return 'public_key and jwks_uri are missing'
  return isSafe(uri)
    ? remoteKeysAt(uri)
    : 'jwks_uri must be https, or http on loopback, without credentials'
}

/** Whether the address is https, or http on loopback, without credentials: the error of `fetch` would quote them. */
function isSafe(uri: string): boolean {
  const url = URL.parse(uri)
  if (url === null || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))
}
