import type { AuthSettings } from '@reliw/model'
import { cookieValue } from '@reliw/options'
import { stringifySetCookie } from 'cookie'
import type { Caller } from '../caller.ts'

/** Names of cookies besides the session's, whose name is a setting. */
export const CSRF_COOKIE = 'rlw_csrf'
export const LOGIN_COOKIE = 'rlw_login'

/**
 * The value of one of this server's cookies.
 *
 * security: over TLS its name has the prefix `__Host-`, with which neither another host nor an attacker without TLS can
 * set a cookie (RFC 6265bis 4.1.3.2); a cookie without the prefix is then ignored.
 */
export function readCookie({ request, isSecure }: Caller, name: string): string | undefined {
  const { cookie } = request.raw.headers
  return cookie === undefined ? undefined : cookieValue(cookie, nameOf(name, isSecure))
}

/** Sets a cookie that scripts cannot read, and that other sites' requests carry only if they navigate to this site. */
export function setCookie(caller: Caller, name: string, value: string, maxAge?: number): void {
  const { reply, isSecure, settings } = caller
  const text = stringifySetCookie({
    name: nameOf(name, isSecure),
    value,
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure || !settings.allow_http,
    ...(maxAge === undefined ? {} : { maxAge })
  })
  reply.header('set-cookie', text)
}

/** Deletes a cookie of the client. */
export function clearCookie(caller: Caller, name: string): void {
  if (readCookie(caller, name) !== undefined) setCookie(caller, name, '', 0)
}

/** The names of all cookies of this server, with and without the prefix for TLS. */
export function ownCookies({ cookie }: AuthSettings): readonly string[] {
  return [cookie, CSRF_COOKIE, LOGIN_COOKIE].flatMap((name) => [name, nameOf(name, true)])
}

function nameOf(name: string, isSecure: boolean): string {
  return isSecure ? `__Host-${name}` : name
}
