import { randomUUID } from 'node:crypto'
import type { ForwardSettings } from '@reliw/model'
import type { Identity } from '../identity.ts'
import { AuthClient, type WhenLeft } from './auth-client.ts'
import { clientHeaderRules, clientHeaders, type ClientHeaderRules } from './client-headers.ts'
import { type DecisionCache, decisionKey, isCacheable } from './decision-cache.ts'
import type { AuthResponse } from './exchange.ts'
import { describeFailure, ForwardFailure } from './failure.ts'
import { headerValues } from './header-values.ts'
import { relayResponse, type RelayedResponse } from './relayed-response.ts'
import { statedIdentity } from './stated-identity.ts'

/** A request as this server describes it to the auth server. */
export interface ForwardRequest {
  readonly method: string
  /** The host as the client sent it, with its port if there is one. */
  readonly host: string
  /** The site, by which cached decisions are revoked. Default: `host`. */
  readonly site?: string
  /** Path and query as the client sent them. */
  readonly url: string
  readonly scheme: 'http' | 'https'
  /** '' if unknown. */
  readonly clientIp: string
  readonly requestId: string
  /** Name, value, name, value, … as Node gives them. */
  readonly rawHeaders: readonly string[]
  /** Names of this server's own cookies, which are hidden. */
  readonly ownCookies?: readonly string[]
  /** Reports that the client has left: the request to the auth server is then aborted, even while it waits. */
  readonly whenLeft?: WhenLeft
}

/** The auth server's decision. */
export type ForwardDecision =
  /** 2xx: the request is allowed. `setCookies` are added to its response. */
  | {
      readonly kind: 'allowed'
      readonly identity: Identity
      readonly setCookies: readonly string[]
    }
  /** 3xx or 4xx: the client gets this response instead; without the body if its request was HEAD. */
  | ({ readonly kind: 'response' } & RelayedResponse)
  /** No response, too late, 5xx or unusable: the request must be refused. `reason` is for the log. */
  | { readonly kind: 'failed'; readonly reason: string }

/**
 * Asks an auth server (Authelia, authentik, oauth2-proxy, …) whether requests are allowed, as Traefik's ForwardAuth
 * does: by a GET request without the body, with the client's headers and with X-Forwarded-Method, -Proto, -Host, -Uri
 * and -For. Responses are cached only if the settings say so.
 */
export class ForwardAuth {
  readonly #url: URL
  readonly #client: AuthClient
  readonly #rules: ClientHeaderRules
  readonly #cacheSettings: ForwardSettings['cache']
  readonly #cache: DecisionCache | undefined
  /** Identifies these settings in keys of the cache, which several auth servers share. */
  readonly #id = randomUUID()
  readonly #names: { readonly user: string; readonly groups: string }

  /**
   * Throws a TypeError if the URL is not http or https, or contains credentials.
   *
   * @param cache used if the settings have `cache`
   */
  constructor(settings: ForwardSettings, cache?: DecisionCache) {
    const { user_header, groups_header, request_headers, cache: cached } = settings
    this.#cacheSettings = cached
    this.#cache = cached && cache
    this.#url = parseUrl(settings.url)
    this.#client = new AuthClient(this.#url, settings.timeout)
    // security: the auth server sees no header that is not part of the key, so its decision cannot depend on one.
    const shown = cached?.key_headers ?? request_headers
    this.#rules = clientHeaderRules(shown, [user_header, groups_header])
    this.#names = { user: user_header.toLowerCase(), groups: groups_header.toLowerCase() }
  }

  /** Never rejects. */
  async authorize(request: ForwardRequest): Promise<ForwardDecision> {
    try {
      const { rawHeaders, ownCookies } = request
      const shown = clientHeaders(rawHeaders, this.#rules, ownCookies)
      const settings = this.#cacheSettings
      const cache = this.#cache
      if (settings === undefined || cache === undefined) return await this.#ask(request, shown)
      const key = decisionKey(this.#id, settings, request, shown)
      const cached = cache.get(key)
      if (cached !== undefined) return cached
      const { generation } = cache
      const decision = await this.#ask(request, shown)
      if (isCacheable(decision, settings))
        cache.add(key, { host: request.site ?? request.host, decision }, settings.ttl, generation)
      return decision
    } catch (error) {
      return { kind: 'failed', reason: describeFailure(error) }
    }
  }

  /** Running requests are completed; later ones fail. The connections close after the last. */
  close(): void {
    this.#client.close()
  }

  async #ask(request: ForwardRequest, shown: readonly string[]): Promise<ForwardDecision> {
    const headers = ['Host', this.#url.host, 'Accept-Encoding', 'identity']
    headers.push(...shown, ...ownHeaders(request))
    return this.#decide(await this.#client.get(headers, request.whenLeft))
  }

  #decide(response: AuthResponse): ForwardDecision {
    const { status, rawHeaders } = response
    if (status >= 200 && status < 300) {
      const identity = statedIdentity(rawHeaders, this.#names)
      return { kind: 'allowed', identity, setCookies: headerValues(rawHeaders, 'set-cookie') }
    }
    // A 304 refers to a cached response, and none is cached.
    if (status < 300 || status >= 500 || status === 304) {
      throw new ForwardFailure(`the auth server responded with ${status}`)
    }
    return { kind: 'response', ...relayResponse(response, this.#url) }
  }
}

function parseUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TypeError('the URL of forward-auth is not an http or https URL')
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('the URL of forward-auth must not contain credentials')
  }
  return url
}

function ownHeaders(request: ForwardRequest): string[] {
  // security: without an address, auth servers would take this machine's, which they may trust.
  const client = request.clientIp === '' ? 'unknown' : request.clientIp
  return [
    'X-Forwarded-Method',
    request.method,
    'X-Forwarded-Proto',
    request.scheme,
    'X-Forwarded-Host',
    request.host,
    'X-Forwarded-Uri',
    request.url,
    'X-Forwarded-For',
    client,
    'X-Real-IP',
    client,
    'X-Request-Id',
    request.requestId
  ]
}
