import type { Live, Session } from '@reliw/model'
import type { Caller } from '../caller.ts'
import type { Identity } from '../identity.ts'
import { andThen } from '../live.ts'
import type { Parts } from '../parts.ts'
import { readCookie } from '../sessions/cookies.ts'
import { markOf } from '../users.ts'

/** Authenticates a request by its session cookie; undefined if there is no valid session. */
export function authenticateBySession(parts: Parts, caller: Caller): Live<Identity | undefined> {
  const token = readCookie(caller, caller.settings.cookie)
  const found = parts.sessions.find(caller.site, token, caller.settings)
  return andThen(found, (session) => session && identityOf(parts, caller.site, session))
}

/** A local user's session is valid until the user is deleted or disabled, or the password changes. */
function identityOf(
  { findUser }: Parts,
  host: string,
  session: Session
): Live<Identity | undefined> {
  const identity: Identity = {
    user: session.user,
    groups: session.groups,
    method: 'session',
    secondFactor: session.second_factor
  }
  if (session.issuer !== undefined) return identity
  return andThen(findUser(host, session.user), (user) => {
    if (user === undefined || user.disabled || markOf(user) !== session.check) return undefined
    return { ...identity, groups: user.groups }
  })
}
