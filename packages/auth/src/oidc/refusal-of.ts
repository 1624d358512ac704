// Maps errors of the libraries to refusals.

import {
  AuthorizationResponseError,
  ResponseBodyError,
  WWWAuthenticateChallengeError
} from 'openid-client'
import type { Refusal } from '../identity.ts'
import { ProviderUnavailable } from './provider-fetch.ts'

/**
 * The refusal for an error: 503 if the provider could not respond; 403 if it refused, or if it or the browser sent
 * something invalid. The reason consists of constant text and codes: no tokens, no text of the provider's.
 *
 * @param what the subject of the reason (`… is invalid`) if nothing more specific is known
 */
export function refusalOf(error: unknown, what: string): Refusal {
  for (const each of causes(error)) {
    if (each instanceof ProviderUnavailable) return { refused: 503, reason: each.message }
    const returned = errorCodeOf(each)
    if (returned !== undefined) return { refused: 403, reason: `provider returned ${returned}` }
  }
  const code = causes(error).map(codeOf).find(Boolean)
  return { refused: 403, reason: `${what} is invalid${code === undefined ? '' : ` (${code})`}` }
}

/** An error and its causes, outermost first. */
function causes(error: unknown): readonly Error[] {
  const chain: Error[] = []
  for (let each = error; each instanceof Error && chain.length < 8; each = each.cause) {
    chain.push(each)
  }
  return chain
}

/** The provider's error code (RFC 6749, sections 4.1.2.1 and 5.2), or `an error` if it does not look like one. */
function errorCodeOf(error: Error): string | undefined {
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    return safeCode(error.error)
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    return safeCode(error.cause[0]?.parameters['error'])
  }
  return undefined
}

function safeCode(code: string | undefined): string {
  return code !== undefined && /^[a-z_]{1,64}$/.test(code) ? code : 'an error'
}

/** These codes are constants of the libraries, or of this package. */
function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
