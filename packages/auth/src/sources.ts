import { type ApiKey, AuthSettings, type Live, User } from '@reliw/model'
import { andThen } from './live.ts'
import type { AuthPluginSettings } from './options.ts'
import type { FindUser } from './users.ts'

/** The sources of users, API keys and settings: the options, else the store. */
export interface Sources {
  readonly findUser: FindUser
  readonly findApiKey: (host: string, hash: string) => Live<ApiKey | undefined>
  readonly settingsOf: (host: string) => Live<AuthSettings>
}

export function sourcesOf(options: AuthPluginSettings): Sources {
  const { store, users, api_keys: apiKeys = {} } = options
  const keys = new Map(Object.entries(apiKeys))
  const settings = ownSettings(options)
  return {
    findUser: findIn(users) ?? ((host, name) => store?.sites.user(host, name)),
    findApiKey: (host, hash) => keys.get(hash) ?? store?.sites.apiKey(host, hash),
    settingsOf: (host) =>
      store === undefined ? settings : andThen(store.sites.settings(host), ({ auth }) => auth)
  }
}

function findIn(users: AuthPluginSettings['users']): FindUser | undefined {
  if (users === undefined) return undefined
  if (typeof users === 'function') {
    return (host, name) =>
      andThen(users(host, name), (user) => (user === undefined ? undefined : User.parse(user)))
  }
  const byName = new Map(Object.entries(users))
  return (_host, name) => byName.get(name)
}

function ownSettings(options: AuthPluginSettings): AuthSettings {
  const { sessions, login_path, jwt, oidc, forward } = options
  const { ttl, max_age, cookie, allow_http } = sessions
  const defaults = AuthSettings.parse({})
  return {
    ...defaults,
    login_path,
    cookie,
    allow_http,
    session_ttl: ttl,
    session_max_age: max_age,
    jwt,
    oidc,
    forward
  }
}
