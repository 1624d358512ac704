import type { Identity } from '../identity.ts'
import { ForwardFailure } from './failure.ts'
import { decodeUtf8, headerValues } from './header-values.ts'

/**
 * The user of a request that the auth server lets pass without naming one, as it does for public
 * pages. An allowlist of users lets it pass only if it has this very name.
 */
export const ANONYMOUS = 'anonymous'

const MAX_LENGTH = 256
const MAX_GROUPS = 200
const CONTROL = /\p{Cc}/u

/**
 * Whom the auth server states a request to be from. Names are UTF-8, of at most 256 characters;
 * groups, at most 200, are separated by `|` where there is one (authentik), else by commas.
 *
 * Throws a ForwardFailure when there are several users or when a name is none: then nobody knows
 * who it is. No user header, or an empty one, is {@link ANONYMOUS}.
 *
 * @param names in lower case
 */
export function statedIdentity(
  rawHeaders: readonly string[],
  names: { readonly user: string; readonly groups: string }
): Identity {
  const users = headerValues(rawHeaders, names.user)
  if (users.length > 1) throw new ForwardFailure('the auth server named several users')
  const [user = ''] = users
  const groups = headerValues(rawHeaders, names.groups).flatMap(splitGroups)
  if (groups.length > MAX_GROUPS) throw new ForwardFailure('the auth server named too many groups')
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
    throw new ForwardFailure('the auth server named a user or a group that cannot be')
  }
  return name
}
