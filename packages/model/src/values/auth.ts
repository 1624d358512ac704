import { Duration } from '@reliw/options'
import * as z from 'zod'
import { ForwardSettings, JwtSettings, OidcSettings } from './auth-methods.ts'

/** An authentication method that a rule accepts, configured by the site's `auth` or with settings of its own. */
const AuthMethod = z.union(
  [
    z.enum(['session', 'basic', 'api_key', 'jwt', 'forward']),
    z.strictObject({ jwt: JwtSettings }),
    z.strictObject({ forward: ForwardSettings })
  ],
  { error: 'expected "session", "basic", "api_key", "jwt", "forward", {jwt: …} or {forward: …}' }
)

export type AuthMethod = z.output<typeof AuthMethod>

/** Access control of an entry. */
export interface AuthRule {
  /** Accepted authentication methods; one of them suffices. */
  readonly any: readonly AuthMethod[]
  /** Only these users, or members of `groups`. Without either: every authenticated user. */
  readonly users: readonly string[] | undefined
  readonly groups: readonly string[] | undefined
  /** Whether a second factor is required. */
  readonly secondFactor: boolean
}

/** An entry that is the login or logout page itself. */
export interface AuthPage {
  readonly page: 'login' | 'logout'
}

const Rule = z
  .strictObject({
    any: z.array(AuthMethod).min(1).default(['session']),
    users: z.array(z.string().min(1)).optional(),
    groups: z.array(z.string().min(1)).optional(),
    second_factor: z.boolean().default(false)
  })
  .transform(({ any, users, groups, second_factor: secondFactor }): AuthRule => ({
    any,
    users,
    groups,
    secondFactor
  }))

/** `auth` of an entry: a list of users, a rule, or `{login: true}`, `{logout: true}`. */
export const Auth = z.union([
  z.array(z.string().min(1)).transform((users): AuthRule => ({
    any: ['session'],
    users,
    groups: undefined,
    secondFactor: false
  })),
  z.strictObject({ login: z.literal(true) }).transform((): AuthPage => ({ page: 'login' })),
  z.strictObject({ logout: z.literal(true) }).transform((): AuthPage => ({ page: 'logout' })),
  Rule
])

export type Auth = z.output<typeof Auth>
/** `auth` of an entry as an operator writes it. */
export type AuthInput = z.input<typeof Auth>

/** `auth` of a site: settings of its sessions and authentication methods. */
export const AuthSettings = z.strictObject({
  login_path: z
    .string()
    .regex(/^\/(?![/\\])[\x21-\x7E]*$/, 'expected a path such as "/login"')
    .default('/login')
    .describe('Where browsers without a session are redirected; its entry has {login: true}.'),
  session_ttl: Duration.refine((ms) => ms >= 1000, 'at least 1 second')
    .prefault('3h')
    .describe('How long a session lasts after its last use.'),
  session_max_age: Duration.prefault('30d').describe(
    'How long a session lasts at most; 0: as long as it is used.'
  ),
  cookie: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected letters, digits, "_" or "-"')
    .default('rlw_session_token')
    .describe('Name of the session’s cookie; over TLS with the prefix __Host-.'),
  allow_http: z
    .boolean()
    .default(false)
    .describe(
      'Let browsers send the cookie without TLS: only on a network on which nobody can eavesdrop.'
    ),
  forward_session: z
    .boolean()
    .default(false)
    .describe('Send the cookies of sessions and logins to origins and the forward-auth server.'),
  forward_authorization: z
    .boolean()
    .default(false)
    .describe('Send the passwords, API keys and tokens that rules check to origins.'),
  jwt: JwtSettings.optional(),
  oidc: OidcSettings.optional(),
  forward: ForwardSettings.optional()
})

export type AuthSettings = z.output<typeof AuthSettings>
