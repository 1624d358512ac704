import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { formatPhc, type Argon2Hash, type Argon2Terms } from './phc.ts'

/** The least that OWASP's Password Storage Cheat Sheet recommends: 19 MiB, 2 passes, 1 lane. */
const OURS = { algorithm: 'argon2id', memory: 19_456, passes: 2, parallelism: 1 } as const
/** In bytes; RFC 9106, section 4, has 16 of either suffice. */
const SALT_LENGTH = 16
const TAG_LENGTH = 32

/**
 * Compared with a password when there is nothing to compare it with. Nobody knows a password that
 * it is the hash of.
 */
export const DECOY: Argon2Hash = {
  ...OURS,
  salt: randomBytes(SALT_LENGTH),
  tag: randomBytes(TAG_LENGTH)
}

/**
 * Hashes a password for keeping, in a thread of libuv.
 *
 * @param password its UTF-8 bytes are hashed, of any length
 * @returns a PHC string: Argon2id, 19 MiB, 2 passes, 1 lane, with a salt of its own
 */
export async function hashPassword(password: string): Promise<string> {
  const terms = { ...OURS, salt: randomBytes(SALT_LENGTH) }
  return formatPhc({ ...terms, tag: await derive(password, terms, TAG_LENGTH) })
}

/** Whether it is the hash of this password. Costs what the hash says, in a thread of libuv. */
export async function matchesHash(hash: Argon2Hash, password: string): Promise<boolean> {
  return timingSafeEqual(await derive(password, hash, hash.tag.length), hash.tag)
}

/** Whether any of its parameters is weaker than those of `hashPassword`. Stronger ones stay. */
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
