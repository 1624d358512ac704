import { createHmac, timingSafeEqual } from 'node:crypto'

const HEX_DIGEST = /^[\da-f]{64}$/i

/**
 * Whether a `pass` that is no PHC string is that of this password: the HMAC-SHA256 (RFC 2104) of
 * the password, keyed by `salt`, both as UTF-8; in hex of either case. It is as fast to guess as it
 * is to compute: `Passwords.verify` replaces it.
 *
 * @param salt '' is one
 * @returns false, too, when `pass` is no such HMAC or there is no salt
 */
export function matchesHmac(pass: string, salt: string | undefined, password: string): boolean {
  if (salt === undefined || !HEX_DIGEST.test(pass)) return false
  const digest = createHmac('sha256', salt).update(password).digest()
  return timingSafeEqual(digest, Buffer.from(pass, 'hex'))
}
