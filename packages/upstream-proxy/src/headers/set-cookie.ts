import { isIP } from 'node:net'
import { normalizeHost } from '@reliw/options'
import { unmapPath, type Prefixes } from './prefixes.ts'
import type { OriginContext, PublicPlace } from './received-request.ts'

/**
 * A Set-Cookie header (RFC 6265 4.1, read as browsers do: 5.2) for the public host: a Domain that
 * is the target's host, or above it, names the public host; a Path is mapped back through the
 * prefixes; and what came over TLS is `Secure`.
 *
 * Left as they are: a Domain that holds for the public host already or is none of the target's, a
 * Path that is out of reach, and that of a `__Host-` cookie, which must be `/`. Never throws.
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

/** @returns undefined for: without a Domain, since a browser takes none for this public host */
function publicDomain(value: string, publicHost: string, targetHost: string): string | undefined {
  const domain = (value.startsWith('.') ? value.slice(1) : value).toLowerCase()
  const host = normalizeHost(publicHost)
  if (!isWithin(targetHost, domain) || host === undefined || isWithin(host, domain)) return value
  return host.includes('.') && isIP(host) === 0 ? host : undefined
}

/** Whether a domain is a host's own, or above it; a single label above one is nobody's. */
function isWithin(host: string, domain: string): boolean {
  return host === domain || (domain.includes('.') && host.endsWith(`.${domain}`))
}

function publicPath(path: string, upstream: Prefixes): string {
  const { strip_prefix = '', add_prefix = '' } = upstream
  // A path above all that is reached here, `/` most of all, covers it.
  if (`${add_prefix}/`.startsWith(path.endsWith('/') ? path : `${path}/`))
    return strip_prefix || '/'
  return unmapPath(path, upstream) ?? path
}
