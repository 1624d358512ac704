import type { JwtSettings } from '@reliw/model'
import type { Identity } from '../identity.ts'

/** The claims of a token whose signature was verified. */
export type Claims = Readonly<Record<string, unknown>>

const MAX_NAME_LENGTH = 256
const MAX_GROUPS = 200
/** Authentication methods of RFC 8176, section 2, that take more than a password. */
const SECOND_FACTORS: ReadonlySet<unknown> = new Set(['mfa', 'otp', 'hwk', 'swk'])

/**
 * The identity in verified claims. Names become headers and log fields: at most 256 characters, without control
 * characters or surrounding spaces.
 *
 * @returns a string that says what is invalid, without values of claims, if something is
 */
export function readIdentity(claims: Claims, settings: JwtSettings): Identity | string {
  const user = readUser(claims, settings.user_claim)
  if (user === undefined) return 'the claim with the user name is missing or invalid'
  const groups = readGroups(claimOf(claims, settings.groups_claim))
  if (groups === undefined) return 'the claim with the groups is invalid'
  const secondFactor = showsSecondFactor(claimOf(claims, 'amr'))
  return Object.freeze({ user, groups, method: 'jwt', secondFactor, claims: Object.freeze(claims) })
}

/** security: a user can enter another's e-mail address at an issuer: an address marked as unverified is refused. */
function readUser(claims: Claims, name: string): string | undefined {
  const user = claimOf(claims, name)
  const isVerified = claimOf(claims, 'email_verified')
  if (name === 'email' && (isVerified === false || isVerified === 'false')) return undefined
  return isName(user) ? user : undefined
}

/** Too many groups are refused, not truncated: access must not depend on their order. */
function readGroups(value: unknown): readonly string[] | undefined {
  const listed = typeof value === 'string' ? value.split(/[\s,]+/).filter(Boolean) : (value ?? [])
  if (!Array.isArray(listed) || listed.length > MAX_GROUPS) return undefined
  return listed.every(isName) ? Object.freeze(listed) : undefined
}

function showsSecondFactor(methods: unknown): boolean {
  return Array.isArray(methods) && methods.some((method) => SECOND_FACTORS.has(method))
}

function isName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= MAX_NAME_LENGTH &&
    value === value.trim() &&
    value.isWellFormed() &&
    !/\p{Cc}/u.test(value)
  )
}

/** Inherited properties are not claims. */
function claimOf(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}
