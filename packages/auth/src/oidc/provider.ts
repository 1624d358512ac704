// Login at an OpenID Connect provider: authorization code flow with PKCE (OpenID Connect Core 1.0, 3.1).

import type { OidcSettings } from '@reliw/model'
import { buildAuthorizationUrl, calculatePKCECodeChallenge } from 'openid-client'
import type { Identity, Refusal } from '../identity.ts'
import { claimedIdentity, wantedClaims } from './claimed-identity.ts'
import { Discovery } from './discovery.ts'
import { answersFlow, newFlow, type OidcFlow } from './flow.ts'
import { discoverProvider } from './known-provider.ts'
import { createProviderFetch } from './provider-fetch.ts'
import { redeemCode } from './redeem-code.ts'
import { refusalOf } from './refusal-of.ts'

export interface OidcOptions {
  /** For each request to the provider and its answer, in milliseconds. Default 5000. */
  timeoutMs?: number
  /** A clock that never goes back, in milliseconds: when to discover again. */
  now?: () => number
}

/** A login that was begun. */
export interface OidcStart {
  /** Where to send the browser, with 302 or 303. */
  location: string
  flow: OidcFlow
}

/** A provider where users of a site log in. Nothing is asked of it before somebody does. */
export class OidcProvider {
  readonly #settings: OidcSettings
  readonly #discovery: Discovery

  /** Throws a TypeError when the issuer is no URL. */
  constructor(settings: OidcSettings, options: OidcOptions = {}) {
    const { timeoutMs = 5000, now = () => performance.now() } = options
    const fetch = createProviderFetch(new URL(settings.issuer), timeoutMs)
    this.#settings = settings
    this.#discovery = new Discovery(() => discoverProvider(settings, fetch), now)
  }

  /**
   * Begins a login, or refuses it with 503 when the provider is not known yet and cannot be asked.
   *
   * @param redirectUri where the browser is to come back: absolute, without a query, and known to the
   *   provider
   */
  async begin(redirectUri: string): Promise<OidcStart | Refusal> {
    const provider = await this.#discovery.known()
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
   * Ends a login: who came back, or why that cannot be said. 403 when the user, the provider or the
   * browser got something wrong, 503 when the provider cannot be reached. Never rejects.
   *
   * @param callbackUrl what the browser asked for; of it, only the query counts
   * @param flow of the `begin` that sent the browser away; the caller sees to it that it is used once
   * @param redirectUri as it was for `begin`
   */
  async finish(callbackUrl: URL, flow: OidcFlow, redirectUri: string): Promise<Identity | Refusal> {
    try {
      if (!answersFlow(callbackUrl, flow)) return { refused: 403, reason: 'state does not match' }
      const provider = await this.#discovery.known()
      if ('refused' in provider) return provider
      const wanted = wantedClaims(this.#settings)
      const claims = await redeemCode(provider, callbackUrl, flow, redirectUri, wanted)
      return claimedIdentity(claims, this.#settings)
    } catch (error) {
      return refusalOf(error, 'login')
    }
  }
}
