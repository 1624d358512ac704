import { normalizeHost } from '@reliw/options'

/** What of a request says what it asks for. */
export interface RequestTarget {
  readonly url?: string | undefined
  readonly method?: string | undefined
  readonly headers: { readonly host?: string | undefined }
}

const ABSOLUTE = /^(https?):\/\/([^/?#]+)([/?].*)?$/i
const PORT = /:(\d+)$/

/**
 * The target of a request in origin form, also where it came in absolute form, as clients of a forward proxy send it
 * (RFC 9112 3.2.1, 3.2.2). `*` stays, and is what OPTIONS asks for where an absolute URL has no path (3.2.4).
 *
 * security: a URL of another host than Host names is returned as it is, and refused by whoever checks it: parts of a
 * server that look at one of both would decide differently.
 */
export function originForm({ url = '', method, headers }: RequestTarget): string {
  if (url.startsWith('/')) return url
  const [, scheme = '', authority = '', rest = ''] = ABSOLUTE.exec(url) ?? []
  if (authority === '' || !isSame(authority, headers.host ?? '', scheme.toLowerCase())) return url
  if (rest === '') return method === 'OPTIONS' ? '*' : '/'
  return rest.startsWith('/') ? rest : `/${rest}`
}

function isSame(authority: string, host: string, scheme: string): boolean {
  const name = normalizeHost(authority)
  return (
    name !== undefined &&
    name === normalizeHost(host) &&
    portOf(authority, scheme) === portOf(host, scheme)
  )
}

function portOf(authority: string, scheme: string): number {
  return Number(PORT.exec(authority)?.[1] ?? (scheme === 'https' ? 443 : 80))
}
