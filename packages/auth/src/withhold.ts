import { AuthSettings, type Live } from '@reliw/model'
import type { FastifyRequest } from 'fastify'
import { ownCookies } from './sessions/cookies.ts'

/** What of a request no origin is to see. */
export interface Withheld {
  /** Names of cookies. */
  readonly cookies: readonly string[]
  /** Names of headers, in lower case. */
  readonly headers: readonly string[]
}

const NONE: readonly string[] = []
/** By the settings they follow from, which are kept as long as nobody changes them. */
const named = new WeakMap<AuthSettings, readonly string[]>()
const DEFAULTS = AuthSettings.parse({})

/**
 * What of a request is for this server alone: the cookies of sessions and logins, and the credentials that a rule looked
 * at, unless its site forwards them. Undefined: nothing, without asking for settings where a request shows neither.
 * Where settings cannot be had the defaults count. Never throws or rejects.
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
    const { host } = request.facts
    const settings = host === undefined ? DEFAULTS : settingsOf(host)
    return settings instanceof Promise ? settings.then(use, () => use(DEFAULTS)) : use(settings)
  } catch {
    return use(DEFAULTS)
  }
}

/** Names of cookies that others do not see. */
export function withheldCookies(settings: AuthSettings): readonly string[] {
  if (settings.forward_session) return NONE
  let names = named.get(settings)
  if (names === undefined) named.set(settings, (names = ownCookies(settings)))
  return names
}
