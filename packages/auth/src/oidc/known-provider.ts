// What discovery finds out (OpenID Connect Discovery 1.0): how to speak with a provider.

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

export interface KnownProvider {
  readonly config: Configuration
  /** Its signing keys: read when they are first needed, and when a key is asked for that is new. */
  readonly keys: RemoteJWKSet
  readonly hasUserInfo: boolean
}

/** How long a key counts after the provider stopped publishing it, in milliseconds. */
const KEYS_MAX_AGE = 300_000

/** Asks the provider what it is like. Rejects when it cannot be asked, and when the answer is wrong. */
export async function discoverProvider(
  settings: OidcSettings,
  fetch: ProviderFetch
): Promise<KnownProvider> {
  const issuer = new URL(settings.issuer)
  const config = await discovery(issuer, settings.client_id, {}, authenticate(settings), {
    [customFetch]: fetch,
    execute: isPlainLoopback(issuer) ? [allowInsecureRequests] : []
  })
  // Throws when there is no endpoint to send browsers to.
  buildAuthorizationUrl(config, {})
  const metadata = config.serverMetadata()
  return {
    config,
    keys: signingKeys(metadata, fetch),
    hasUserInfo: metadata.userinfo_endpoint !== undefined
  }
}

/**
 * Of keys, openid-client waits a minute before it reads them again, which is for servers that are sent
 * tokens by anyone. Ours are sent by the provider, each after a request of our own: no pause is needed,
 * and the first login after the provider changed its keys goes well.
 */
function signingKeys({ jwks_uri }: ServerMetadata, fetch: ProviderFetch): RemoteJWKSet {
  return createRemoteJWKSet(new URL(jwks_uri ?? ''), {
    [joseFetch]: fetch,
    cooldownDuration: 0,
    cacheMaxAge: KEYS_MAX_AGE
  })
}

/** What the provider does not rule out, in the order of preference that Core 1.0, section 9, has. */
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
