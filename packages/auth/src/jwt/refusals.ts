import { errors } from 'jose'
import type { Refusal } from '../identity.ts'

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

/** What jose says of a token. Its messages may quote the token, so none of them is repeated. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWSSignatureVerificationFailed) return unproven('wrong signature')
  if (error instanceof errors.JWTExpired) return unproven(`${error.claim}: too long ago`)
  if (error instanceof errors.JWTClaimValidationFailed) {
    return unproven(`${error.claim}: ${error.reason.replace('_', ' ')}`)
  }
  const code = error instanceof Error && 'code' in error ? error.code : 'no code'
  return error instanceof errors.JOSEError
    ? malformed(`the token is refused: ${String(code)}`)
    : unproven(`the key cannot verify it: ${String(code)}`)
}
