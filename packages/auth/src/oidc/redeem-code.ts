// Exchanges the code in the provider's redirect for verified claims.

import { ASYMMETRIC } from '@reliw/model'
import { compactVerify } from 'jose'
import { authorizationCodeGrant, fetchUserInfo } from 'openid-client'
import type { OidcFlow } from './flow.ts'
import type { DiscoveredProvider } from './discovered-provider.ts'

/** The claims of a user, by name. Their values are not validated. */
export type Claims = Readonly<Record<string, unknown>>

/**
 * Exchanges the code in a callback for an ID token, and checks both: state, `iss` of the callback (RFC 9207), PKCE,
 * signature, issuer, audience, nonce, expiry (with 30 s of tolerance). `wanted` claims that the ID token lacks are
 * fetched from the user info endpoint, if there is one. Rejects with errors for `refusalOf`.
 *
 * @param redirectUri the same as in the request for the code; without a query
 */
export async function redeemCode(
  { config, keys, hasUserInfo }: DiscoveredProvider,
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
  // openid-client checks the claims, but not the signature. HMAC is excluded: its key would be the client's secret.
  await compactVerify(tokens.id_token ?? '', keys, { algorithms: [...ASYMMETRIC] })
  const claims = tokens.claims()
  if (claims === undefined) throw new TypeError('a verified token has claims')
  if (!hasUserInfo || wanted.every((name) => Object.hasOwn(claims, name))) return claims
  const { amr: _, ...more } = await fetchUserInfo(config, tokens.access_token, claims.sub)
  return { ...more, ...claims }
}

/** The callback as the browser sees it: behind a proxy, this server sees another origin. */
function asSeenByBrowser({ search }: URL, redirectUri: string): URL {
  const url = new URL(redirectUri)
  url.search = search
  return url
}
