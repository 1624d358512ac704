// Login at an OpenID Connect provider: authorization code flow with PKCE (OpenID Connect Core 1.0, 3.1).

import type { OidcSettings } from '@reliw/model'
import { buildAuthorizationUrl, calculatePKCECodeChallenge } from 'openid-client'
import type { Identity, Refusal } from '../identity.ts'
import { claimedIdentity, wantedClaims } from './claimed-identity.ts'
import { Discovery } from './discovery.ts'
import { matchesFlow, newFlow, type OidcFlow } from './flow.ts'
import { discoverProvider } from './discovered-provider.ts'
import { createProviderFetch } from './provider-fetch.ts'
import { redeemCode } from './redeem-code.ts'
import { refusalOf } from './refusal-of.ts'

export interface OidcOptions {
  /** Timeout of each request to the provider and its response, in milliseconds. Default: 5,000. */
  timeoutMs?: number
  /** A monotonic clock, in milliseconds: when to fetch metadata again. */
  now?: () => number
}

/** A login that has begun. */
export interface OidcStart {
  /** Where to send the browser, with 302 or 303. */
  location: string
  flow: OidcFlow
}

/** A provider at which users of a site log in. Nothing is requested from it before the first login. */
export class OidcProvider {
  readonly #settings: OidcSettings
  readonly #discovery: Discovery

  /** Throws a TypeError if the issuer is not a URL. */
  constructor(settings: OidcSettings, options: OidcOptions = {}) {
    const { timeoutMs = 5000, now = () => performance.now() } = options
    const fetch = createProviderFetch(new URL(settings.issuer), timeoutMs)
    this.#settings = settings
    this.#discovery = new Discovery(() => discoverProvider(settings, fetch), now)
  }

  /**
   * Begins a login. Refuses it with 503 if the provider's metadata is neither cached nor available.
   *
   * @param redirectUri where the browser is to return: absolute, without a query, and registered at the provider
   */
  async begin(redirectUri: string): Promise<OidcStart | Refusal> {
    const provider = await this.#discovery.find()
    if ('refused' in provider) return provider
    const flow = newFlow()
    const location = buildAuthorizationUrl(provider.config, {
      redirect_uri: redirectUri,
      scope: [...new Set(['openid', ...this.#settings.scopes])].join(' '),
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256'
    })
    return { location: location.href, flow }
  }

  /**
   * Completes a login: resolves to the identity, or to a refusal: 403 if the provider refused the login, or if it or
   * the browser sent something invalid; 503 if the provider cannot be reached. Never rejects.
   *
   * @param callbackUrl the URL that the browser requested; only its query counts
   * @param flow as `begin` returned it; the caller must use it only once
   * @param redirectUri the same as for `begin`
   */
  async finish(callbackUrl: URL, flow: OidcFlow, redirectUri: string): Promise<Identity | Refusal> {
    try {
      if (!matchesFlow(callbackUrl, flow)) return { refused: 403, reason: 'state does not match' }
      const provider = await this.#discovery.find()
      if ('refused' in provider) return provider
      const wanted = wantedClaims(this.#settings)
      const claims = await redeemCode(provider, callbackUrl, flow, redirectUri, wanted)
      return claimedIdentity(claims, this.#settings)
    } catch (error) {
      return refusalOf(error, 'login')
    }
  }
}
