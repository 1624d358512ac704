import { AuthSettings, type Live, weakMemoize } from '@reliw/model'
import type { FastifyRequest } from 'fastify'
import { ownCookies } from './sessions/cookies.ts'

/** The parts of a request that must not reach an origin. */
export interface Withheld {
  /** Names of cookies. */
  readonly cookies: readonly string[]
  /** Names of headers, in lower case. */
  readonly headers: readonly string[]
}

const NONE: readonly string[] = []
const namesOf = weakMemoize(ownCookies)
const DEFAULTS = AuthSettings.parse({})

/**
 * The parts of a request that must not reach an origin: the cookies of sessions and logins, and the credentials that a
 * rule uses, unless the site's settings forward them. Undefined, without reading the settings, if the request has
 * neither cookies nor such credentials. If the settings are unavailable, the defaults apply. Never throws or rejects.
 */
export function withhold(
  request: FastifyRequest,
  settingsOf: (host: string) => Live<AuthSettings>
): Live<Withheld | undefined> {
  const { credentials = NONE } = request
  if (request.raw.headers.cookie === undefined && credentials.length === 0) return undefined
  const use = (settings: AuthSettings): Withheld => ({
    cookies: withheldCookies(settings),
    headers: settings.forward_authorization ? NONE : credentials
  })
  try {
    const { site } = request.facts
    const settings = site === undefined ? DEFAULTS : settingsOf(site)
    return settings instanceof Promise ? settings.then(use, () => use(DEFAULTS)) : use(settings)
  } catch {
    return use(DEFAULTS)
  }
}

/** Names of cookies that origins and auth servers must not see. */
export function withheldCookies(settings: AuthSettings): readonly string[] {
  return settings.forward_session ? NONE : namesOf(settings)
}
