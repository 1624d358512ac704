import { isIP } from 'node:net'
import { normalizeHost } from '@reliw/options'

/**
 * Whether a Host header names the listener as monitoring does: by an address, `localhost`, a name without a dot such as
 * a container's, or one of `names`. A request without the header does not come from a browser.
 *
 * security: with DNS rebinding, a page of an attacker's site has its own name lead to 127.0.0.1, and would read what
 * this listener shows to the visitor's machine or network. Host then holds that name, which has a dot.
 *
 * @param names normalized hosts
 */
export function isAllowedHost(header: string | undefined, names: ReadonlySet<string>): boolean {
  if (header === undefined) return true
  const host = normalizeHost(header)
  if (host === undefined) return false
  return isIP(host) !== 0 || !host.includes('.') || host.endsWith('.localhost') || names.has(host)
}
