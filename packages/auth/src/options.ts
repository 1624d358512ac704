import { isDeepStrictEqual } from 'node:util'
import { ApiKey, AuthSettings, type Live, type Store, User } from '@reliw/model'
import { Duration } from '@reliw/options'
import * as z from 'zod'
import type { RenderPage } from './login/login-pages.ts'

const isFunction = (value: unknown): boolean => typeof value === 'function'
const isStore = (value: unknown): boolean =>
  typeof (value as Store | undefined)?.view === 'function'

type FindUserInput = (host: string, name: string) => Live<z.input<typeof User> | undefined>

const Sessions = z.strictObject({
  ttl: Duration.prefault('3h').describe('How long a session lasts after its last use.'),
  max_age: Duration.prefault('30d').describe(
    'How long a session lasts at most; 0: as long as it is used.'
  ),
  cookie: AuthSettings.shape.cookie,
  allow_http: AuthSettings.shape.allow_http
})

/** Options that have no effect beside a store, which has them in the settings of each host. */
const OF_HOSTS = ['sessions', 'login_path', 'jwt', 'oidc', 'forward'] as const

export const AuthOptions = z
  .strictObject({
    store: z
      .custom<Store>(isStore, 'expected a store, as openStore() returns it')
      .optional()
      .describe(
        'Store of sessions, users, API keys and the settings of each host. Without it, sessions are held in memory.'
      ),
    users: z
      .union([z.record(z.string(), User), z.custom<FindUserInput>(isFunction)])
      .optional()
      .describe(
        'Users by name, or a function `(host, name)` that returns a user. Default: the users in the store.'
      ),
    api_keys: z
      .record(z.string(), ApiKey)
      .optional()
      .describe('API keys by the hex SHA-256 of the key. Default: the API keys in the store.'),
    sessions: Sessions.prefault({}).describe('Without a store: lifetime and cookie of sessions.'),
    login_path: AuthSettings.shape.login_path,
    jwt: AuthSettings.shape.jwt,
    oidc: AuthSettings.shape.oidc,
    forward: AuthSettings.shape.forward,
    page: z
      .custom<RenderPage>(isFunction)
      .optional()
      .describe('Renders the login form into a page. Default: a plain page.')
  })
  .superRefine((options, context) => {
    if (options.store === undefined) return
    const defaults = { login_path: AuthSettings.parse({}).login_path, sessions: Sessions.parse({}) }
    for (const name of OF_HOSTS) {
      const usual = name === 'sessions' || name === 'login_path' ? defaults[name] : undefined
      if (isDeepStrictEqual(options[name], usual)) continue
      const message = 'no effect beside a store: `SITE:<host>` has the settings of each host'
      context.addIssue({ code: 'custom', path: [name], message })
    }
  })

/** The options as the user writes them. */
export type AuthOptions = z.input<typeof AuthOptions>
export type AuthPluginSettings = z.output<typeof AuthOptions>
