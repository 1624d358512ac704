import { isKeyFor, readJwk, type VerificationKey } from './verification-key.ts'
import type { TokenHeader } from './token-header.ts'

const MOST_KEYS = 100
/** So many keys are tried for one token. Each costs a verification, whoever sent the token. */
const MOST_CANDIDATES = 5

/**
 * Reads a set of keys (RFC 7517, section 5). Keys that cannot be used are left out: private, secret,
 * weak, unknown ones, and those for encryption.
 *
 * @throws {Error} when it is no set, or has more than 100 keys
 */
export function readKeySet(text: string): readonly VerificationKey[] {
  const set: unknown = JSON.parse(text)
  const keys = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined
  if (!Array.isArray(keys)) throw new Error('it has no list of keys')
  if (keys.length > MOST_KEYS) throw new Error('it has too many keys')
  return keys.map(readJwk).filter((key) => typeof key !== 'string')
}

/** The keys that a token may be signed with: of the name that it gives, if it gives one. */
export function findKeys(
  keys: readonly VerificationKey[],
  { alg, kid }: TokenHeader
): readonly VerificationKey[] {
  return keys
    .filter((key) => isKeyFor(key, alg) && (kid === undefined || key.kid === kid))
    .slice(0, MOST_CANDIDATES)
}
