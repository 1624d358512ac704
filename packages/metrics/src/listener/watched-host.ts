import { isIP } from 'node:net'
import { normalizeHost } from '@reliw/options'

/**
 * Whether a Host header names the listener as those who watch the server do: by an address, `localhost`, a name
 * without a dot such as a container's, or one of `names`. Without the header no browser asks.
 *
 * security: a page of any site can have its own name lead to 127.0.0.1 (DNS rebinding), and would then read what
 * the visitor's machine or network shows here. Host has that name, and it has a dot.
 *
 * @param names normalized hosts
 */
export function isWatchedHost(header: string | undefined, names: ReadonlySet<string>): boolean {
  if (header === undefined) return true
  const host = normalizeHost(header)
  if (host === undefined) return false
  return isIP(host) !== 0 || !host.includes('.') || host.endsWith('.localhost') || names.has(host)
}
