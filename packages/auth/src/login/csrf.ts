import { CSRF_COOKIE, readCookie, setCookie } from '../sessions/cookies.ts'
import { areEqual, isToken, newToken } from '../token.ts'
import type { Caller } from '../caller.ts'

/**
 * The token that a form must bring back, which the browser has as a cookie as well: another site can have it
 * send the cookie, but not read it.
 */
export function csrfToken(caller: Caller): string {
  const kept = readCookie(caller, CSRF_COOKIE)
  if (isToken(kept)) return kept
  const token = newToken()
  setCookie(caller, CSRF_COOKIE, token)
  return token
}

/**
 * Whether a form was sent by its own page. Programs need no token: what no browser sent, no other site can have
 * made a browser send. Browsers say where a form comes from (Origin; Fetch Metadata).
 */
export function isOwnForm(caller: Caller, given: string | null): boolean {
  const { origin, referer, 'sec-fetch-site': site } = caller.request.raw.headers
  const kept = readCookie(caller, CSRF_COOKIE)
  if (kept !== undefined) return isToken(kept) && areEqual(kept, given ?? '')
  return origin === undefined && referer === undefined && site === undefined
}
