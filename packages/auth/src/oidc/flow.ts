// The state of a login between the redirect to the provider and the callback.

import { timingSafeEqual } from 'node:crypto'
import { randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client'

/**
 * Plain JSON, to be kept on the server, for one use and for ten minutes at most. The browser sees only `state`, `nonce`
 * and a hash of `verifier`.
 */
export interface OidcFlow {
  /** Comes back in the callback, as proof that the login was begun here. */
  readonly state: string
  /** Comes back in the ID token, as proof that it was issued for this login (OpenID Connect Core 1.0, 3.1.2.1). */
  readonly nonce: string
  /** Proves that the code is redeemed by the party that requested it (PKCE, RFC 7636). */
  readonly verifier: string
}

/** A new flow, with 256 random bits in each part. */
export function newFlow(): OidcFlow {
  return { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() }
}

/** Whether a callback belongs to a flow. Takes the same time for every state of the right length. */
export function matchesFlow(callbackUrl: URL, flow: OidcFlow): boolean {
  const given = Buffer.from(callbackUrl.searchParams.get('state') ?? '')
  const expected = Buffer.from(flow.state)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
