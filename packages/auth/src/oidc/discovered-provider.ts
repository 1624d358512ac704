// A provider's metadata (OpenID Connect Discovery 1.0) and signing keys.

import type { OidcSettings } from '@reliw/model'
import { createRemoteJWKSet, customFetch as joseFetch, type RemoteJWKSet } from 'jose'
import {
  allowInsecureRequests,
  buildAuthorizationUrl,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  discovery,
  None,
  type ClientAuth,
  type Configuration,
  type ServerMetadata
} from 'openid-client'
import { isPlainLoopback, type ProviderFetch } from './provider-fetch.ts'

export interface DiscoveredProvider {
  readonly config: Configuration
  /** Signing keys: fetched when first needed, and when a token names an unknown key. */
  readonly keys: RemoteJWKSet
  readonly hasUserInfo: boolean
}

/** How long a key is accepted after the provider stopped publishing it, in milliseconds. */
const KEYS_MAX_AGE = 300_000

/** Fetches the provider's metadata. Rejects if that fails, or if the metadata is invalid. */
export async function discoverProvider(
  settings: OidcSettings,
  fetch: ProviderFetch
): Promise<DiscoveredProvider> {
  const issuer = new URL(settings.issuer)
  const config = await discovery(issuer, settings.client_id, {}, authenticate(settings), {
    [customFetch]: fetch,
    execute: isPlainLoopback(issuer) ? [allowInsecureRequests] : []
  })
  // Throws if the provider has no authorization endpoint.
  buildAuthorizationUrl(config, {})
  const metadata = config.serverMetadata()
  return {
    config,
    keys: signingKeys(metadata, fetch),
    hasUserInfo: metadata.userinfo_endpoint !== undefined
  }
}

/**
 * openid-client waits a minute before it fetches keys again, to protect servers to which anybody can send tokens. Here
 * only the provider sends tokens, each in response to a request of ours: no pause is needed, and the first login after
 * a key rotation succeeds.
 */
function signingKeys({ jwks_uri }: ServerMetadata, fetch: ProviderFetch): RemoteJWKSet {
  return createRemoteJWKSet(new URL(jwks_uri ?? ''), {
    [joseFetch]: fetch,
    cooldownDuration: 0,
    cacheMaxAge: KEYS_MAX_AGE
  })
}

/**
 * Client authentication: `client_secret_basic` unless the provider rules that out, else `client_secret_post` (OpenID
 * Connect Core 1.0, section 9); none without a secret.
 */
function authenticate({ client_secret: secret }: OidcSettings): ClientAuth {
  if (secret === undefined) return None()
  const basic = ClientSecretBasic(secret)
  const post = ClientSecretPost(secret)
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    const chosen = methods.includes('client_secret_basic') ? basic : post
    chosen(server, client, body, headers)
  }
}
