import { isKeyFor, readJwk, type VerificationKey } from './verification-key.ts'
import type { TokenHeader } from './token-header.ts'

const MAX_KEYS = 100
/**
 * Maximum number of keys tried for one token.
 *
 * security: each try costs a verification, and anybody can send tokens.
 */
const MAX_CANDIDATES = 5

/**
 * Parses a set of keys (RFC 7517, section 5). Keys that cannot be used are skipped: private, secret, weak and unknown
 * ones, and those for encryption.
 *
 * @throws {Error} if it is not a set, or has more than 100 keys
 */
export function readKeySet(text: string): readonly VerificationKey[] {
  const set: unknown = JSON.parse(text)
  const keys = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined
  if (!Array.isArray(keys)) throw new Error('the response has no list of keys')
  if (keys.length > MAX_KEYS) throw new Error('the response has too many keys')
  return keys.map(readJwk).filter((key) => typeof key !== 'string')
}

/** The keys that a token may be signed with: those with its `kid`, if it has one. */
export function findKeys(
  keys: readonly VerificationKey[],
  { alg, kid }: TokenHeader
): readonly VerificationKey[] {
  return keys
    .filter((key) => isKeyFor(key, alg) && (kid === undefined || key.kid === kid))
    .slice(0, MAX_CANDIDATES)
}
