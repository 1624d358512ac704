import { Duration } from '@reliw/options'
import * as z from 'zod'
import { ForwardCache } from './forward-cache.ts'

const HeaderName = z
  .string()
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, 'not a header name')
  .toLowerCase()

const SYMMETRIC = ['HS256', 'HS384', 'HS512'] as const
/**
 * Asymmetric signature algorithms, with which a verifier cannot forge signatures (RFC 7518 3.1, RFC 8037, RFC 9864).
 */
export const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519'
] as const

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

const Url = z
  .url({ protocol: /^https?$/ })
  .refine((text) => !/^https?:\/\/[^/?#]*@/i.test(text), 'must not contain a user name or password')

/** A URL that is requested over TLS, or is on this machine. */
const SafeUrl = Url.refine((text) => {
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || LOOPBACK.test(hostname)
}, 'must be https, or http on this machine')

const Groups = z.string().min(1).default('groups').describe('The claim with the groups.')

/** Bearer tokens of other issuers (RFC 7519). */
export const JwtSettings = z
  .strictObject({
    algorithms: z
      .array(z.enum([...SYMMETRIC, ...ASYMMETRIC]))
      .min(1)
      .describe('Accepted algorithms; all others are refused.'),
    secret: z
      .string()
      .min(32)
      .optional()
      .describe('Key for HS256, HS384 and HS512, at least 32 bytes (RFC 7518 3.2).'),
    public_key: z
      .string()
      .min(1)
      .optional()
      .describe('Key for all other algorithms: PEM, or a JWK as text.'),
    jwks_uri: SafeUrl.optional().describe(
      'URL where the issuer publishes its keys, which may rotate.'
    ),
    issuer: z.string().min(1).optional().describe('Required value of `iss`.'),
    audience: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe('Required value of `aud`; of a list, one suffices.'),
    user_claim: z.string().min(1).default('sub').describe('The claim with the user’s name.'),
    groups_claim: Groups,
    leeway: Duration.prefault('5s').describe('Allowed difference between clocks.'),
    max_age: Duration.optional().describe('How long after `iat` a token is accepted at most.')
  })
  .superRefine((jwt, context) => {
    const issue = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message })
    const isSymmetric = jwt.algorithms.some((name) =>
      (SYMMETRIC as readonly string[]).includes(name)
    )
    const isAsymmetric = jwt.algorithms.some(
      (name) => !(SYMMETRIC as readonly string[]).includes(name)
    )
    const publicKeys = [jwt.public_key, jwt.jwks_uri].filter((key) => key !== undefined).length
    if (isSymmetric && jwt.secret === undefined)
      issue('secret', 'missing: required by the HS algorithms')
    if (!isSymmetric && jwt.secret !== undefined)
      issue('secret', 'no effect without an HS algorithm in `algorithms`')
    if (isAsymmetric && publicKeys !== 1)
      issue('jwks_uri', 'give exactly one of `jwks_uri` and `public_key`')
    if (!isAsymmetric && publicKeys > 0)
      issue('algorithms', 'none of them uses `public_key` or `jwks_uri`')
  })

/** An identity provider for logins (OpenID Connect Core 1.0). */
export const OidcSettings = z.strictObject({
  issuer: SafeUrl.describe('URL of the provider, below which its configuration is found.'),
  client_id: z.string().min(1),
  client_secret: z.string().min(1).optional().describe('Absent for a public client.'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, 'not a scope'))
    .default(['openid', 'profile', 'email'])
    .refine((scopes) => scopes.includes('openid'), '"openid" is missing'),
  user_claim: z
    .string()
    .min(1)
    .default('sub')
    .describe('The claim with the user’s name; `email` counts only when it is verified.'),
  groups_claim: Groups,
  label: z.string().min(1).max(60).default('Single sign-on').describe('The button’s text.')
})

/** Forward auth: an external server that authenticates requests. */
export const ForwardSettings = z
  .strictObject({
    url: Url.describe('URL requested with GET; a 2xx response admits the request.'),
    timeout: Duration.prefault('5s').describe('How long the whole response may take.'),
    user_header: HeaderName.default('remote-user').describe(
      'The response header that names the user.'
    ),
    groups_header: HeaderName.default('remote-groups').describe(
      'The response header with the groups.'
    ),
    request_headers: z
      .array(HeaderName)
      .optional()
      .describe(
        'Client headers that are sent to it. Default: all except those that describe the body.'
      ),
    cache: ForwardCache.optional().describe(
      'Responses that are used again for a while; without it, the server is asked for each request.'
    )
  })
  .superRefine(({ cache, request_headers }, context) => {
    if (cache === undefined || request_headers === undefined) return
    const message = 'no effect beside `cache`: the server gets the headers in `cache.key_headers`'
    context.addIssue({ code: 'custom', path: ['request_headers'], message })
  })

export type JwtSettings = Omit<z.output<typeof JwtSettings>, 'algorithms' | 'audience'> & {
  algorithms: readonly string[]
  audience?: string | readonly string[] | undefined
}
export type OidcSettings = Omit<z.output<typeof OidcSettings>, 'scopes'> & {
  scopes: readonly string[]
}
export type ForwardSettings = z.output<typeof ForwardSettings>
