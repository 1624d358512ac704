import type { OidcSettings } from '@reliw/store'
import type { Caller } from '../caller.ts'
import { Unavailable } from '../errors.ts'
import { audit } from '../events.ts'
import { OidcProvider } from '../oidc/provider.ts'
import type { Parts } from '../parts.ts'
import { Kept } from '../ways/kept.ts'
import type { LoggedIn } from './login.ts'
import type { LoginPages } from './login-pages.ts'
import type { PendingLogins } from './pending-logins.ts'
import { queryOf } from './query-of.ts'
import { returnPath } from './return-path.ts'

/** Logins at another provider (OpenID Connect): sends clients there, and takes them back. */
export class ProviderLogin {
  readonly #parts: Parts
  readonly #pages: LoginPages
  readonly #pending: PendingLogins
  readonly #finish: (caller: Caller, done: LoggedIn) => Promise<void>
  readonly #providers = new Kept((settings: OidcSettings) => new OidcProvider(settings))

  constructor(
    parts: Parts,
    pages: LoginPages,
    pending: PendingLogins,
    finish: (caller: Caller, done: LoggedIn) => Promise<void>
  ) {
    this.#parts = parts
    this.#pages = pages
    this.#pending = pending
    this.#finish = finish
  }

  /** Whether a GET of the login page was for the provider; then it is answered. */
  async answer(caller: Caller, query: URLSearchParams): Promise<boolean> {
    const { oidc } = caller.settings
    if (oidc === undefined) return false
    if (query.has('provider')) await this.#begin(caller, oidc, returnPath(query.get('next')))
    else if (query.has('state')) await this.#end(caller, oidc)
    else return false
    return true
  }

  async #begin(caller: Caller, oidc: OidcSettings, next: string): Promise<void> {
    const begun = await this.#providers.get(oidc).begin(redirectUri(caller))
    if ('refused' in begun) return this.#refuse(caller, begun.refused, begun.reason, next)
    await this.#pending.begin(caller, { kind: 'oidc', flow: begun.flow, next })
    const { reply } = caller
    reply.code(302).header('cache-control', 'no-store').header('location', begun.location).send()
  }

  async #end(caller: Caller, oidc: OidcSettings): Promise<void> {
    const login = await this.#pending.find(caller, 'oidc')
    if (login === undefined) return this.#refuse(caller, 403, 'no login was under way', '/')
    // It is good for one attempt, whatever comes of it.
    await this.#pending.end(caller)
    const uri = redirectUri(caller)
    const callback = new URL(queryOf(caller.request.raw), uri)
    const found = await this.#providers.get(oidc).finish(callback, login.flow, uri)
    const { next } = login
    if ('refused' in found) return this.#refuse(caller, found.refused, found.reason, next)
    const { user, groups, secondFactor } = found
    const { issuer } = oidc
    await this.#finish(caller, { user, groups, secondFactor, way: 'oidc', issuer, next })
  }

  async #refuse(caller: Caller, status: number, reason: string, next: string): Promise<void> {
    audit(this.#parts.log, 'failure', caller, { way: 'oidc', reason })
    if (status === 503) throw new Unavailable()
    await this.#pages.show(caller, 403, { next, message: NOT_ACCEPTED })
  }
}

/** The login page, as the provider is to send clients back to it. */
function redirectUri({ isSecure, request, host, settings }: Caller): string {
  const scheme = isSecure ? 'https' : 'http'
  return `${scheme}://${request.raw.headers.host ?? host}${settings.login_path}`
}

const NOT_ACCEPTED = 'This sign-in was not accepted. Please try again.'
