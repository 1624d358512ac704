import type { ForwardSettings } from '@reliw/model'
import type { Identity } from '../identity.ts'
import { AuthClient, type WhenLeft } from './auth-client.ts'
import { clientHeaderRules, clientHeaders, type ClientHeaderRules } from './client-headers.ts'
import type { AuthAnswer } from './exchange.ts'
import { describeFailure, ForwardFailure } from './failure.ts'
import { headerValues } from './header-values.ts'
import { relayAnswer, type RelayedAnswer } from './relayed-answer.ts'
import { statedIdentity } from './stated-identity.ts'

/** What the auth server is told of a request: what this server itself knows of it. */
export interface ForwardRequest {
  readonly method: string
  /** The host that the client named, with its port if it named one. */
  readonly host: string
  /** Path and query as the client sent them. */
  readonly url: string
  readonly scheme: 'http' | 'https'
  /** '' when it is not known. */
  readonly clientIp: string
  readonly requestId: string
  /** Name, value, name, value, … as Node gives them. */
  readonly rawHeaders: readonly string[]
  /** Names of cookies that are this server's own, and not shown. */
  readonly ownCookies?: readonly string[]
  /** Tells that the client has left: then the question ends, under way or not. */
  readonly whenLeft?: WhenLeft
}

/** What became of a question. */
export type ForwardVerdict =
  /** 2xx: the request may pass. `setCookies` go with whatever answers it. */
  | {
      readonly kind: 'allowed'
      readonly identity: Identity
      readonly setCookies: readonly string[]
    }
  /** 3xx or 4xx: this is what the client gets instead. A HEAD request's without the body. */
  | ({ readonly kind: 'answer' } & RelayedAnswer)
  /** No answer, too late, 5xx or nonsense: the request must not pass. `reason` is for the log. */
  | { readonly kind: 'failed'; readonly reason: string }

/**
 * Asks an auth server (Authelia, authentik, oauth2-proxy, …) whether requests may pass, the way that
 * Traefik's ForwardAuth does: a GET request without the body, with the client's headers and with
 * X-Forwarded-Method, -Proto, -Host, -Uri and -For. Every question is asked: no answer is kept.
 */
export class ForwardAuth {
  readonly #url: URL
  readonly #client: AuthClient
  readonly #rules: ClientHeaderRules
  readonly #names: { readonly user: string; readonly groups: string }

  /** Throws a TypeError when the URL is not one of http or https, or holds credentials. */
  constructor(settings: ForwardSettings) {
    const { user_header, groups_header, request_headers } = settings
    this.#url = parseUrl(settings.url)
    this.#client = new AuthClient(this.#url, settings.timeout)
    this.#rules = clientHeaderRules(request_headers, [user_header, groups_header])
    this.#names = { user: user_header.toLowerCase(), groups: groups_header.toLowerCase() }
  }

  /** Never rejects. */
  async ask(request: ForwardRequest): Promise<ForwardVerdict> {
    try {
      const { rawHeaders, ownCookies } = request
      const shown = clientHeaders(rawHeaders, this.#rules, ownCookies)
      const headers = ['Host', this.#url.host, 'Accept-Encoding', 'identity']
      headers.push(...shown, ...ownHeaders(request))
      return this.#judge(await this.#client.get(headers, request.whenLeft))
    } catch (error) {
      return { kind: 'failed', reason: describeFailure(error) }
    }
  }

  /** Questions under way are still answered; later ones have failed. Connections go with the last. */
  close(): void {
    this.#client.close()
  }

  #judge(answer: AuthAnswer): ForwardVerdict {
    const { status, rawHeaders } = answer
    if (status >= 200 && status < 300) {
      const identity = statedIdentity(rawHeaders, this.#names)
      return { kind: 'allowed', identity, setCookies: headerValues(rawHeaders, 'set-cookie') }
    }
    // 304 answers a condition, and we made none.
    if (status < 300 || status >= 500 || status === 304) {
      throw new ForwardFailure(`the auth server answered ${status}`)
    }
    return { kind: 'answer', ...relayAnswer(answer, this.#url) }
  }
}

function parseUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TypeError('the URL of forward-auth is not an http or https URL')
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('the URL of forward-auth must not hold credentials')
  }
  return url
}

function ownHeaders(request: ForwardRequest): string[] {
  // With none at all, auth servers would take the address of this machine, and may trust it.
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
