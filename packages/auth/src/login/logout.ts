import type { Caller } from '../caller.ts'
import { audit } from '../events.ts'
import type { Parts } from '../parts.ts'
import { clearCookie, readCookie } from '../sessions/cookies.ts'
import { isToken } from '../token.ts'
import { authenticateBySession } from '../methods/session.ts'
import type { LoginPages } from './login-pages.ts'

/**
 * Ends the client's session and redirects to the site's front page; asks first if another site led the browser here.
 * Rejects if the store does.
 */
export async function logOut(parts: Parts, pages: LoginPages, caller: Caller): Promise<void> {
  const { site, request, reply, settings } = caller
  const { method, headers } = request.raw
  // security: another site can lead a browser here, which sends the cookie along.
  if (method !== 'POST' && headers['sec-fetch-site'] === 'cross-site')
    return pages.confirmLogout(caller)
  const token = readCookie(caller, settings.cookie)
  if (isToken(token)) {
    const identity = await authenticateBySession(parts, caller)
    await parts.sessions.end(site, token)
    if (identity !== undefined)
      audit(parts.log, 'logout', caller, { user: identity.user, method: 'session' })
  }
  clearCookie(caller, settings.cookie)
  reply.code(303).header('cache-control', 'no-store').header('location', '/').send()
}
