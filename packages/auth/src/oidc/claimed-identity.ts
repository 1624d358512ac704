// Maps a provider's claims to an identity.

import type { OidcSettings } from '@reliw/model'
import type { Identity, Refusal } from '../identity.ts'
import type { Claims } from './redeem-code.ts'

/** Maximum length of user names, groups and other retained claims, in UTF-16 code units. */
const MAX_LENGTH = 256
const MAX_GROUPS = 200
const RETAINED = ['sub', 'name', 'email', 'preferred_username']
/** Authentication methods that take more than a password (RFC 8176). */
const SECOND_FACTORS: ReadonlySet<unknown> = new Set(['mfa', 'otp', 'hwk', 'swk'])

/** Claims without which there is no identity, or an incomplete one. */
export function wantedClaims({ user_claim, groups_claim }: OidcSettings): readonly string[] {
  const verified = user_claim === 'email' ? ['email_verified'] : []
  return [user_claim, groups_claim, ...verified]
}

/**
 * The identity in a provider's claims. Refused with 403: a user name or a group that is empty, too long, not a string,
 * or has control characters or surrounding spaces; too many groups; an unverified e-mail address as user name. The
 * claims that describe the user are retained, and the groups, as `groups`; a retained `email` may be unverified.
 */
export function claimedIdentity(claims: Claims, settings: OidcSettings): Identity | Refusal {
  const user = own(claims, settings.user_claim)
  if (!isName(user)) return refuse('the claim with the user name is missing or invalid')
  if (settings.user_claim === 'email' && own(claims, 'email_verified') !== true) {
    return refuse('the e-mail address is not verified')
  }
  const groups = groupsOf(own(claims, settings.groups_claim))
  if (groups === undefined) return refuse('the claim with the groups is invalid')
  const secondFactor = hasSecondFactor(own(claims, 'amr'))
  return { user, groups, method: 'session', secondFactor, claims: retain(claims, groups) }
}

function refuse(reason: string): Refusal {
  return { refused: 403, reason }
}

/** Claim names come from settings: `constructor` must not find an inherited property. */
function own(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

function isName(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_LENGTH) return false
  return value === value.trim() && value.isWellFormed() && !/\p{Cc}/u.test(value)
}

function groupsOf(claim: unknown): readonly string[] | undefined {
  if (claim === undefined || claim === null) return []
  const groups: readonly unknown[] = Array.isArray(claim) ? claim : [claim]
  return groups.length <= MAX_GROUPS && groups.every(isName) ? groups : undefined
}

function hasSecondFactor(amr: unknown): boolean {
  return Array.isArray(amr) && amr.some((method) => SECOND_FACTORS.has(method))
}

function retain(claims: Claims, groups: readonly string[]): Claims {
  const retained = RETAINED.map((name) => [name, own(claims, name)]).filter(([, value]) =>
    isName(value)
  )
  return { ...Object.fromEntries(retained), ...(groups.length > 0 && { groups }) }
}
