// From the provider's claims to who somebody is here.

import type { OidcSettings } from '@reliw/model'
import type { Identity, Refusal } from '../identity.ts'
import type { Claims } from './redeem-code.ts'

/** What names of users and groups, and other claims that are kept, may have of UTF-16 units. */
const MAX_LENGTH = 256
const MAX_GROUPS = 200
const KEPT = ['sub', 'name', 'email', 'preferred_username']
/** Authentication methods that take something besides a password (RFC 8176). */
const SECOND_FACTORS: ReadonlySet<unknown> = new Set(['mfa', 'otp', 'hwk', 'swk'])

/** The claims without which there is no identity, or one with less to it. */
export function wantedClaims({ user_claim, groups_claim }: OidcSettings): readonly string[] {
  const verified = user_claim === 'email' ? ['email_verified'] : []
  return [user_claim, groups_claim, ...verified]
}

/**
 * Who the claims are of. Refused, with 403: a user name or a group that is empty, too long, no text, or
 * has control characters, or space around it; too many groups; an address as user name that is not
 * verified. Of the claims, those are kept that say who somebody is, and the groups, as `groups`;
 * `email` may be one that the provider did not verify.
 */
export function claimedIdentity(claims: Claims, settings: OidcSettings): Identity | Refusal {
  const user = own(claims, settings.user_claim)
  if (!isName(user)) return refuse('claim of the user name is missing or not valid')
  if (settings.user_claim === 'email' && own(claims, 'email_verified') !== true) {
    return refuse('e-mail address is not verified')
  }
  const groups = groupsOf(own(claims, settings.groups_claim))
  if (groups === undefined) return refuse('claim of the groups is not valid')
  const secondFactor = hasSecondFactor(own(claims, 'amr'))
  return { user, groups, method: 'session', secondFactor, claims: keep(claims, groups) }
}

function refuse(reason: string): Refusal {
  return { refused: 403, reason }
}

/** Names are settings: `constructor` is no claim unless somebody claimed it. */
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

function keep(claims: Claims, groups: readonly string[]): Claims {
  const kept = KEPT.map((name) => [name, own(claims, name)]).filter(([, value]) => isName(value))
  return { ...Object.fromEntries(kept), ...(groups.length > 0 && { groups }) }
}
