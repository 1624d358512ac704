import { isIP } from 'node:net'
import { normalizeHost } from '@reliw/options'
import { unmapPath, type Prefixes } from './prefixes.ts'
import type { OriginContext, PublicPlace } from './received-request.ts'

/**
 * Rewrites a Set-Cookie header (RFC 6265 4.1, parsed as browsers do: 5.2) for the public host: a Domain that is the
 * target's host or a parent of it becomes the public host; a Path is mapped back through the prefixes; and with TLS on
 * the client's side, `Secure` is added.
 *
 * Kept unchanged: a Domain that already covers the public host or does not cover the target's, a Path outside of the
 * prefixes, and the Path of a `__Host-` cookie, which must be `/`. Never throws.
 */
export function rewriteSetCookie(
  cookie: string,
  { publicHost, isSecure }: PublicPlace,
  { target, upstream }: Pick<OriginContext, 'target' | 'upstream'>
): string {
  const [pair = '', ...attributes] = cookie.split(';')
  let rewritten = pair
  let hasSecure = false
  for (const attribute of attributes) {
    const equals = attribute.indexOf('=')
    const name = attribute
      .slice(0, equals === -1 ? undefined : equals)
      .trim()
      .toLowerCase()
    const value = equals === -1 ? '' : attribute.slice(equals + 1).trim()
    if (name === 'secure') hasSecure = true
    if (name === 'domain') {
      const domain = publicDomain(value, publicHost, target.host)
      if (domain === undefined) continue
      rewritten += domain === value ? `;${attribute}` : `; Domain=${domain}`
    } else if (name === 'path' && value.startsWith('/') && !HOST_PREFIX.test(pair)) {
      const path = publicPath(value, upstream)
      rewritten += path === value ? `;${attribute}` : `; Path=${path}`
    } else rewritten += `;${attribute}`
  }
  return isSecure && !hasSecure ? `${rewritten}; Secure` : rewritten
}

const HOST_PREFIX = /^\s*__host-/i

/** @returns undefined to omit the Domain, because browsers accept none for this public host */
function publicDomain(value: string, publicHost: string, targetHost: string): string | undefined {
  const domain = (value.startsWith('.') ? value.slice(1) : value).toLowerCase()
  const host = normalizeHost(publicHost)
  if (!isWithin(targetHost, domain) || host === undefined || isWithin(host, domain)) return value
  return host.includes('.') && isIP(host) === 0 ? host : undefined
}

/** Whether a domain is the host itself or a parent of it; a single label is a parent of no host. */
function isWithin(host: string, domain: string): boolean {
  return host === domain || (domain.includes('.') && host.endsWith(`.${domain}`))
}

function publicPath(path: string, upstream: Prefixes): string {
  const { strip_prefix = '', add_prefix = '' } = upstream
  // A path that covers everything reachable through the upstream, such as `/`.
  if (`${add_prefix}/`.startsWith(path.endsWith('/') ? path : `${path}/`))
    return strip_prefix || '/'
  return unmapPath(path, upstream) ?? path
}
