import { timingSafeEqual } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'

/** What every authenticator app supports: the defaults of the reference implementation of RFC 6238. */
const KIND = { algorithm: 'SHA1', digits: 6, period: 30 } as const
const STEP_MS = KIND.period * 1_000
/** 160 bits, as RFC 4226, section 4 (R6) recommends. */
const SECRET_BYTES = 20
/** Base32 (RFC 4648) of 80 bits, the shortest secrets that others issue, to 640, more than SHA-1 can use. */
const SECRET = /^[A-Z2-7]{16,128}={0,6}$/i
const CODE = /^\d{6}$/
/** In characters: six digits, and as many blanks as a user may type. */
const MAX_CODE_LENGTH = 32
/** Newest first: if two steps have the same code, the later one is returned, and bars both. */
const WINDOW = [1, 0, -1]

/** A new secret of 160 random bits, in base32 without padding. */
export function newTotpSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32
}

/**
 * The `otpauth://` URI that an authenticator app reads from a QR code. It contains the secret.
 *
 * @param secret from {@link newTotpSecret}; throws a TypeError if it is not base32
 * @param user shown by the app beside the issuer
 * @param issuer the site; colons become dashes, since a colon ends the issuer in the URI's label
 */
export function totpUri(secret: string, user: string, issuer: string): string {
  const label = user.toWellFormed()
  return new TOTP({
    ...KIND,
    secret,
    label,
    issuer: issuer.toWellFormed().replaceAll(':', '-')
  }).toString()
}

/**
 * Checks a code against the current time step, the previous and the next one (RFC 6238, 5.2). All three are always
 * compared, in constant time. Never throws.
 *
 * @param secret base32 in either case, blanks and padding allowed; with any other text, every code is wrong
 * @param code six digits; blanks between and around them are ignored
 * @param now in epoch milliseconds
 * @returns the time step of the code, so that the caller can refuse this step and all before it from now on; undefined
 * if the code is wrong
 */
export function checkTotp(secret: string, code: string, now = Date.now()): number | undefined {
  const key = parseSecret(secret)
  const digits = code.length > MAX_CODE_LENGTH ? '' : code.replaceAll(/\s/g, '')
  if (key === undefined || !CODE.test(digits)) return undefined
  const current = Math.floor(now / STEP_MS)
  let accepted: number | undefined
  for (const distance of WINDOW) {
    const step = current + distance
    if (isCodeOf(key, step, digits)) accepted ??= step
  }
  return accepted
}

function parseSecret(text: string): Secret | undefined {
  const compact = text.replaceAll(' ', '')
  return SECRET.test(compact) ? Secret.fromBase32(compact) : undefined
}

function isCodeOf(secret: Secret, step: number, digits: string): boolean {
  if (!Number.isSafeInteger(step) || step < 0) return false
  const expected = TOTP.generate({ ...KIND, secret, timestamp: step * STEP_MS })
  return timingSafeEqual(Buffer.from(expected), Buffer.from(digits))
}
