import { isIPv4 } from 'node:net'
import * as z from 'zod'
import { normalizeHost } from './normalize-host.ts'
import { Host } from './host.ts'

/** The site that serves a host. */
export interface HostSite {
  /** The name under which everything about the site is stored: a host, or a wildcard such as `*.example.org`. */
  readonly name: string
  /** The wildcard that the host matched: the site's name, or one of its aliases; undefined for an exact name. */
  readonly wildcard: string | undefined
  /** The host to which the site redirects requests for this host; undefined where it serves them. */
  readonly redirect: string | undefined
}

/** Whether the name of a site is a wildcard: `*.` and a domain. It stands for all hosts below the domain. */
export function isWildcard(name: string): boolean {
  return name.startsWith('*.')
}

/**
 * The name of a site: a host by {@link normalizeHost}, or `*.` and a domain. Returns undefined for anything else; never
 * throws.
 */
export function normalizeSiteName(text: string): string | undefined {
  if (!isWildcard(text)) return normalizeHost(text)
  const domain = text.endsWith(':') ? undefined : normalizeHost(text.slice(2))
  if (domain === undefined || domain.includes(':') || isIPv4(domain)) return undefined
  // The shortest host below the domain has two characters more, as the wildcard has.
  return domain.length > LONGEST_DOMAIN ? undefined : `*.${domain}`
}

const LONGEST_DOMAIN = 251

/** The name of a site, as {@link normalizeSiteName} returns it. */
export const SiteName = z
  .string()
  .transform((text, context) => {
    const name = isWildcard(text) ? normalizeSiteName(text) : Host.safeParse(text).data
    if (name !== undefined) return name
    context.addIssue(
      'expected a host without a port, e.g. "www.example.com", or all hosts of a domain, e.g. "*.example.com"'
    )
    return z.NEVER
  })
  .meta({
    description:
      'A host without a port, e.g. "www.example.com", or all hosts below a domain, e.g. "*.example.com".'
  })

/** The name of a site as the name of a directory: `_.example.org` for `*.example.org`, which a shell would expand. */
export function directoryOf(name: string): string {
  return isWildcard(name) ? `_${name.slice(1)}` : name
}

/**
 * The part of a host that the `*` of a wildcard stands for: `a.b` for `a.b.example.org` and `*.example.org`, the host
 * itself for `*`; '' without a wildcard.
 */
export function subdomainOf(host: string, wildcard: string | undefined): string {
  return wildcard === undefined ? '' : host.slice(0, host.length - wildcard.length + 1)
}
