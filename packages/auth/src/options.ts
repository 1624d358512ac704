import { Duration } from '@reliw/options'
import { ApiKey, AuthSettings, type Live, type Store, User } from '@reliw/store'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { RenderPage } from './login/login-pages.ts'

const isFunction = (value: unknown): boolean => typeof value === 'function'
const isStore = (value: unknown): boolean =>
  typeof (value as Store | undefined)?.view === 'function'

type Locate = (request: FastifyRequest) => string | undefined
type FindUserInput = (host: string, name: string) => Live<z.input<typeof User> | undefined>

export const AuthOptions = z.strictObject({
  store: z
    .custom<Store>(isStore, 'expected a store, as openStore() returns it')
    .optional()
    .describe(
      'Where sessions, users, API keys and the settings of each host are. Without it sessions are in memory.'
    ),
  users: z
    .union([z.record(z.string(), User), z.custom<FindUserInput>(isFunction)])
    .optional()
    .describe('Users by name, or a function that finds one. Default: those of the store.'),
  api_keys: z
    .record(z.string(), ApiKey)
    .optional()
    .describe('By the hex SHA-256 of the key. Default: those of the store.'),
  sessions: z
    .strictObject({
      ttl: Duration.prefault('3h').describe('How long one lasts after its last use.'),
      max_age: Duration.prefault('30d').describe('How long it lasts at most; 0: for ever.'),
      cookie: AuthSettings.shape.cookie,
      allow_http: AuthSettings.shape.allow_http
    })
    .prefault({})
    .describe('Without a store: how sessions are.'),
  login_path: AuthSettings.shape.login_path,
  jwt: AuthSettings.shape.jwt,
  oidc: AuthSettings.shape.oidc,
  forward: AuthSettings.shape.forward,
  host: z.custom<Locate>(isFunction).optional().describe('Which site is asked for.'),
  client_ip: z.custom<Locate>(isFunction).optional().describe('Whose attempts are counted.'),
  is_secure: z
    .custom<(request: FastifyRequest) => boolean>(isFunction)
    .optional()
    .describe('Whether the client came over TLS. Default: by request.protocol.'),
  page: z
    .custom<RenderPage>(isFunction)
    .optional()
    .describe('Puts the login form into a page. Default: a plain one.')
})

/** What a user writes. */
export type AuthOptions = z.input<typeof AuthOptions>
export type AuthPluginSettings = z.output<typeof AuthOptions>
