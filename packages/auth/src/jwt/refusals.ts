import { errors } from 'jose'
import type { Failure, Refusal } from '../identity.ts'

/** The token can never be accepted here. */
export function malformed(reason: string): Refusal {
  return { refused: 403, reason }
}

/**
 * The token is not valid, but another one may be: it expired, has an unknown key or a wrong signature, or is from or
 * for another party.
 */
export function invalid(reason: string): Refusal {
  return { refused: 401, reason }
}

/** The token cannot be verified: no keys are available. */
export function unverifiable(reason: string): Refusal {
  return { refused: 503, reason }
}

/** Refusals of tokens with a valid signature. */
const signed = new WeakSet<Refusal>()

/** The issuer signed the token, but it is not valid here, or no longer. */
function signedButInvalid(reason: string): Refusal {
  const refusal = invalid(reason)
  signed.add(refusal)
  return refusal
}

/** Refusals of tokens with an algorithm or a key that is not the issuer's. */
const foreigners = new WeakSet<Refusal>()

/** Marks the token as another issuer's, as far as its header shows without a key. */
export function foreign(refusal: Refusal): Refusal {
  foreigners.add(refusal)
  return refusal
}

/** Why a refused token is no guess; undefined: it may be one. */
export function excuseOf(refusal: Refusal): Failure['excuse'] {
  if (refusal.refused === 503 || signed.has(refusal)) return 'issued'
  return foreigners.has(refusal) ? 'foreign' : undefined
}

/** The refusal for an error of jose, whose messages are not repeated: they may quote the token. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWSSignatureVerificationFailed) return invalid('wrong signature')
  if (error instanceof errors.JWTExpired) return signedButInvalid(`${error.claim}: too long ago`)
  if (error instanceof errors.JWTClaimValidationFailed) {
    return signedButInvalid(`${error.claim}: ${error.reason.replace('_', ' ')}`)
  }
  const code = error instanceof Error && 'code' in error ? error.code : 'no code'
  return error instanceof errors.JOSEError
    ? malformed(`invalid token: ${String(code)}`)
    : invalid(`the key cannot verify the token: ${String(code)}`)
}
