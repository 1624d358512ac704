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
  return cookie === undefined ? undefined : valueIn(cookie, nameOf(name, isSecure))
}

/** The first value of a name in a Cookie header (RFC 6265 4.2.1). Values of ours need no decoding. */
function valueIn(cookies: string, name: string): string | undefined {
  let at = 0
  while (at < cookies.length) {
    const end = cookies.indexOf(';', at)
    const last = end === -1 ? cookies.length : end
    while (cookies.charCodeAt(at) === 0x20) at++
    if (cookies.startsWith(name, at) && cookies.charCodeAt(at + name.length) === 0x3d)
      return cookies.slice(at + name.length + 1, last).trim()
    at = last + 1
  }
  return undefined
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

function nameOf(name: string, isSecure: boolean): string {
  return isSecure ? `__Host-${name}` : name
}
