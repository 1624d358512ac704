import type { AuthSettings } from '@reliw/model'
import { cookieValue } from '@reliw/options'
import { stringifySetCookie } from 'cookie'
import type { Caller } from '../caller.ts'

/** Names of the cookies beside the session's, which has one of its own in the settings. */
export const CSRF_COOKIE = 'rlw_csrf'
export const LOGIN_COOKIE = 'rlw_login'

/**
 * The value of a cookie of ours. Over TLS its name has the prefix `__Host-`, so that no other host, nor anyone
 * without TLS, can have set it (RFC 6265bis 4.1.3.2); then the bare name counts for nothing.
 */
export function readCookie({ request, isSecure }: Caller, name: string): string | undefined {
  const { cookie } = request.raw.headers
  return cookie === undefined ? undefined : cookieValue(cookie, nameOf(name, isSecure))
}

/** Sets a cookie that scripts cannot read and other sites cannot have sent along. */
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

/** Has the client forget a cookie. */
export function clearCookie(caller: Caller, name: string): void {
  if (readCookie(caller, name) !== undefined) setCookie(caller, name, '', 0)
}

/** The names of all cookies that are ours, as they may come with and without TLS. */
export function ownCookies({ cookie }: AuthSettings): readonly string[] {
  return [cookie, CSRF_COOKIE, LOGIN_COOKIE].flatMap((name) => [name, nameOf(name, true)])
}

function nameOf(name: string, isSecure: boolean): string {
  return isSecure ? `__Host-${name}` : name
}
