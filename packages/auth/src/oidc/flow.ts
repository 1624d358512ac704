// What is remembered of a login between the redirect to the provider and the one back.

import { timingSafeEqual } from 'node:crypto'
import { randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client'

/**
 * Plain JSON, to be kept on the server's side, for one use and for ten minutes at most. What is in
 * it never reaches the browser but as `state`, `nonce` and a hash of `verifier`.
 */
export interface OidcFlow {
  /** Comes back in the callback: the login was begun here. */
  readonly state: string
  /** Comes back in the ID token: it was made for this login (OpenID Connect Core 1.0, 3.1.2.1). */
  readonly nonce: string
  /** Proves that who redeems the code is who asked for it (PKCE, RFC 7636). */
  readonly verifier: string
}

/** A flow of 256 random bits in each part. */
export function newFlow(): OidcFlow {
  return { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() }
}

/** Whether a callback is the answer to this flow. Takes equally long for all states of its length. */
export function answersFlow(callbackUrl: URL, flow: OidcFlow): boolean {
  const given = Buffer.from(callbackUrl.searchParams.get('state') ?? '')
  const expected = Buffer.from(flow.state)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
