import { CSRF_COOKIE, readCookie, setCookie } from '../sessions/cookies.ts'
import { areEqual, isToken, newToken } from '../token.ts'
import type { Caller } from '../caller.ts'

/**
 * The token that a form must bring back, which the browser also has as a cookie.
 *
 * security: another site can make the browser send the cookie, but cannot read it.
 */
export function csrfToken(caller: Caller): string {
  const cookie = readCookie(caller, CSRF_COOKIE)
  if (isToken(cookie)) return cookie
  const token = newToken()
  setCookie(caller, CSRF_COOKIE, token)
  return token
}

/**
 * Whether a form was sent by its own page, or by a program rather than a browser.
 *
 * security: another site can only make browsers send forms. A browser sends Origin, Referer or Fetch Metadata, so a
 * request with none of them needs no token.
 */
export function isOwnForm(caller: Caller, given: string | null): boolean {
  const { origin, referer, 'sec-fetch-site': site } = caller.request.raw.headers
  const cookie = readCookie(caller, CSRF_COOKIE)
  if (cookie !== undefined) return isToken(cookie) && areEqual(cookie, given ?? '')
  return origin === undefined && referer === undefined && site === undefined
}
