import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { formatPhc, type Argon2Hash, type Argon2Terms } from './phc.ts'

/** The minimum recommended by OWASP's Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane. */
const OURS = { algorithm: 'argon2id', memory: 19_456, passes: 2, parallelism: 1 } as const
/** In bytes; by RFC 9106, section 4, 16 of each suffice. */
const SALT_LENGTH = 16
const TAG_LENGTH = 32

/**
 * A hash that no known password matches, verified where there is no user or no readable hash.
 *
 * security: the check then takes as long as for a user who exists.
 */
export const DECOY: Argon2Hash = {
  ...OURS,
  salt: randomBytes(SALT_LENGTH),
  tag: randomBytes(TAG_LENGTH)
}

/**
 * Hashes a password for storage, in libuv's thread pool.
 *
 * @param password hashed as UTF-8, of any length
 * @returns a PHC string: Argon2id, 19 MiB, 2 passes, 1 lane, with a random salt
 */
export async function hashPassword(password: string): Promise<string> {
  const terms = { ...OURS, salt: randomBytes(SALT_LENGTH) }
  return formatPhc({ ...terms, tag: await derive(password, terms, TAG_LENGTH) })
}

/** Whether a password matches a hash. Costs what the hash's parameters say, in libuv's thread pool. */
export async function matchesHash(hash: Argon2Hash, password: string): Promise<boolean> {
  return timingSafeEqual(await derive(password, hash, hash.tag.length), hash.tag)
}

/** Whether any parameter is weaker than those of `hashPassword`. Stronger hashes are kept. */
export function needsRehash(hash: Argon2Hash): boolean {
  return (
    hash.algorithm !== OURS.algorithm ||
    hash.memory < OURS.memory ||
    hash.passes < OURS.passes ||
    hash.salt.length < SALT_LENGTH ||
    hash.tag.length < TAG_LENGTH
  )
}

function derive(password: string, terms: Argon2Terms, tagLength: number): Promise<Uint8Array> {
  const { algorithm, memory, passes, parallelism, salt: nonce } = terms
  const parameters = { message: password, nonce, memory, passes, parallelism, tagLength }
  return new Promise((resolve, reject) => {
    argon2(algorithm, parameters, (error, tag) => {
      if (error === null) resolve(tag)
      else reject(error)
    })
  })
}
