import { createHmac, timingSafeEqual } from 'node:crypto'

const HEX_DIGEST = /^[\da-f]{64}$/i

/**
 * Whether a password matches a `pass` that is not a PHC string: the HMAC-SHA256 (RFC 2104) of the password with the key
 * `salt`, both in UTF-8; in hex of either case. Such a hash is fast to guess: `Passwords.verify` replaces it.
 *
 * @param salt may be ''
 * @returns false also if `pass` is no such HMAC, or if there is no salt
 */
export function matchesHmac(pass: string, salt: string | undefined, password: string): boolean {
  if (salt === undefined || !HEX_DIGEST.test(pass)) return false
  const digest = createHmac('sha256', salt).update(password).digest()
  return timingSafeEqual(digest, Buffer.from(pass, 'hex'))
}
