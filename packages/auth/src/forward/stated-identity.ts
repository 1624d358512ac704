import type { Identity } from '../identity.ts'
import { ForwardFailure } from './failure.ts'
import { decodeUtf8, headerValues } from './header-values.ts'

/**
 * The user of a request that the auth server allows without naming a user, as it does for public pages. A rule with
 * `users` permits it only if that lists this very name.
 */
export const ANONYMOUS = 'anonymous'

const MAX_LENGTH = 256
const MAX_GROUPS = 200
const CONTROL = /\p{Cc}/u

/**
 * The identity in the headers of the auth server's response. Names are UTF-8, of at most 256 characters; groups, at
 * most 200, are separated by `|` if the value contains one (authentik), else by commas.
 *
 * Throws a ForwardFailure if there are several users or too many groups, or if a name is invalid. Without a user
 * header, or with an empty one, the user is {@link ANONYMOUS}.
 *
 * @param names in lower case
 */
export function statedIdentity(
  rawHeaders: readonly string[],
  names: { readonly user: string; readonly groups: string }
): Identity {
  const users = headerValues(rawHeaders, names.user)
  if (users.length > 1) throw new ForwardFailure('the auth server sent several user names')
  const [user = ''] = users
  const groups = headerValues(rawHeaders, names.groups).flatMap(splitGroups)
  if (groups.length > MAX_GROUPS) throw new ForwardFailure('the auth server sent too many groups')
  return {
    user: user === '' ? ANONYMOUS : decodeName(user),
    groups: groups.map(decodeName),
    method: 'forward',
    secondFactor: false
  }
}

function splitGroups(value: string): string[] {
  const names = value.split(value.includes('|') ? '|' : ',').map((name) => name.trim())
  return names.filter((name) => name !== '')
}

function decodeName(latin1: string): string {
  const name = decodeUtf8(latin1)
  if (name === undefined || name.length > MAX_LENGTH || CONTROL.test(name)) {
    throw new ForwardFailure('the auth server sent an invalid user or group name')
  }
  return name
}
