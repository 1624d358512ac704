import { type OidcSettings, weakMemoize } from '@reliw/model'
import type { Caller } from '../caller.ts'
import { Unavailable } from '../errors.ts'
import { audit } from '../events.ts'
import { OidcProvider } from '../oidc/provider.ts'
import type { LoginParts } from './login-parts.ts'
import { queryOf } from './query-of.ts'
import { returnPath } from './return-path.ts'

/** Logins at an OpenID Connect provider: redirects clients there, and handles their return. */
export class ProviderLogin {
  readonly #login: LoginParts
  readonly #providerOf = weakMemoize((settings: OidcSettings) => new OidcProvider(settings))

  constructor(login: LoginParts) {
    this.#login = login
  }

  /** Whether a GET of the login page was for the provider; the response has then been sent. */
  async respond(caller: Caller, query: URLSearchParams): Promise<boolean> {
    const { oidc } = caller.settings
    if (oidc === undefined) return false
    if (query.has('provider')) await this.#begin(caller, oidc, returnPath(query.get('next')))
    else if (query.has('state')) await this.#end(caller, oidc)
    else return false
    return true
  }

  async #begin(caller: Caller, oidc: OidcSettings, next: string): Promise<void> {
    const begun = await this.#providerOf(oidc).begin(redirectUri(caller))
    if ('refused' in begun) return this.#refuse(caller, begun.refused, begun.reason, next)
    await this.#login.pending.begin(caller, { kind: 'oidc', flow: begun.flow, next })
    const { reply } = caller
    reply.code(302).header('cache-control', 'no-store').header('location', begun.location).send()
  }

  async #end(caller: Caller, oidc: OidcSettings): Promise<void> {
    const login = await this.#login.pending.find(caller, 'oidc')
    if (login === undefined) return this.#refuse(caller, 403, 'no login in progress', '/')
    // The pending login is valid for one attempt, whatever the result.
    await this.#login.pending.end(caller)
    const uri = redirectUri(caller)
    const callback = new URL(queryOf(caller.request.raw), uri)
    const found = await this.#providerOf(oidc).finish(callback, login.flow, uri)
    const { next } = login
    if ('refused' in found) return this.#refuse(caller, found.refused, found.reason, next)
    const { user, groups, secondFactor } = found
    const { issuer } = oidc
    await this.#login.finish(caller, { user, groups, secondFactor, method: 'oidc', issuer, next })
  }

  async #refuse(caller: Caller, status: number, reason: string, next: string): Promise<void> {
    audit(this.#login.parts.log, 'failure', caller, { method: 'oidc', reason })
    if (status === 503) throw new Unavailable()
    await this.#login.pages.show(caller, 403, { next, message: NOT_ACCEPTED })
  }
}

/** The URL of the login page, to which the provider redirects clients. */
function redirectUri({ isSecure, request, host, settings }: Caller): string {
  const scheme = isSecure ? 'https' : 'http'
  return `${scheme}://${request.raw.headers.host ?? host}${settings.login_path}`
}

const NOT_ACCEPTED = 'This sign-in was not accepted. Please try again.'
