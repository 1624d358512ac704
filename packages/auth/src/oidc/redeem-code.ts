// From the provider's redirect back to claims that can be believed.

import { ASYMMETRIC } from '@reliw/model'
import { compactVerify } from 'jose'
import { authorizationCodeGrant, fetchUserInfo } from 'openid-client'
import type { OidcFlow } from './flow.ts'
import type { KnownProvider } from './known-provider.ts'

/** The claims of a user, by name. Nothing is known of the values. */
export type Claims = Readonly<Record<string, unknown>>

/**
 * Exchanges the code in a callback for an ID token, and checks both: state, `iss` of the callback
 * (RFC 9207), PKCE, signature, issuer, audience, nonce, expiry (with 30 s of tolerance). Whichever of
 * the `wanted` claims are not in the ID token are asked for at the user info endpoint, if there is one.
 * Rejects with what `refusalOf` understands.
 *
 * @param redirectUri as it was in the request for the code; without a query
 */
export async function redeemCode(
  { config, keys, hasUserInfo }: KnownProvider,
  callbackUrl: URL,
  flow: OidcFlow,
  redirectUri: string,
  wanted: readonly string[]
): Promise<Claims> {
  const tokens = await authorizationCodeGrant(config, asSeenByBrowser(callbackUrl, redirectUri), {
    expectedState: flow.state,
    expectedNonce: flow.nonce,
    pkceCodeVerifier: flow.verifier,
    idTokenExpected: true
  })
  // openid-client checks what the token says, but not who signed it. With HMAC the client's secret would be the key.
  await compactVerify(tokens.id_token ?? '', keys, { algorithms: [...ASYMMETRIC] })
  const claims = tokens.claims()
  if (claims === undefined) throw new TypeError('a verified token has claims')
  if (!hasUserInfo || wanted.every((name) => Object.hasOwn(claims, name))) return claims
  const { amr: _, ...more } = await fetchUserInfo(config, tokens.access_token, claims.sub)
  return { ...more, ...claims }
}

/** What the callback's origin looks like to us may differ: there may be a proxy in front. */
function asSeenByBrowser({ search }: URL, redirectUri: string): URL {
  const url = new URL(redirectUri)
  url.search = search
  return url
}
