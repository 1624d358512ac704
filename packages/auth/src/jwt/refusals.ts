import { errors } from 'jose'
import type { Failure, Refusal } from '../identity.ts'

/** What a token shows counts for nothing: nobody will ever accept it. */
export function malformed(reason: string): Refusal {
  return { refused: 403, reason }
}

/** A token that another one may replace: it expired, or is from or for somebody else. */
export function unproven(reason: string): Refusal {
  return { refused: 401, reason }
}

/** Nothing is known of the token: there are no keys. */
export function undecided(reason: string): Refusal {
  return { refused: 503, reason }
}

/** Of tokens that their issuer did sign. */
const signed = new WeakSet<Refusal>()

/** A token that was issued, and is not good here, or no longer. */
function spent(reason: string): Refusal {
  const refusal = unproven(reason)
  signed.add(refusal)
  return refusal
}

/** Of tokens that name an algorithm or a key that is not one of the issuer. */
const foreigners = new WeakSet<Refusal>()

/** The token is another issuer's, as far as can be told without a key. */
export function foreign(refusal: Refusal): Refusal {
  foreigners.add(refusal)
  return refusal
}

/** Why a refused token is no attempt at guessing; undefined: it may be one. */
export function excuseOf(refusal: Refusal): Failure['excuse'] {
  if (refusal.refused === 503 || signed.has(refusal)) return 'issued'
  return foreigners.has(refusal) ? 'foreign' : undefined
}

/** What jose says of a token. Its messages may quote the token, so none of them is repeated. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWSSignatureVerificationFailed) return unproven('wrong signature')
  if (error instanceof errors.JWTExpired) return spent(`${error.claim}: too long ago`)
  if (error instanceof errors.JWTClaimValidationFailed) {
    return spent(`${error.claim}: ${error.reason.replace('_', ' ')}`)
  }
  const code = error instanceof Error && 'code' in error ? error.code : 'no code'
  return error instanceof errors.JOSEError
    ? malformed(`the token is refused: ${String(code)}`)
    : unproven(`the key cannot verify it: ${String(code)}`)
}
