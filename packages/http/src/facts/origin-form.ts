import { normalizeHost } from '@reliw/options'

/** The parts of a request that determine its target. */
export interface RequestTarget {
  readonly url?: string | undefined
  readonly method?: string | undefined
  readonly headers: { readonly host?: string | undefined }
}

const ABSOLUTE = /^(https?):\/\/([^/?#]+)([/?].*)?$/i
const PORT = /:(\d+)$/

/**
 * The target of a request in origin form, also where the client sent it in absolute form, as clients of a forward proxy
 * do (RFC 9112 3.2.1, 3.2.2). `*` is kept, and is also the target of OPTIONS for an absolute URL without a path
 * (3.2.4).
 *
 * security: a URL with another host than the Host header is returned unchanged, for a later check to refuse: otherwise
 * one part of the server could decide by the URL, another by the header.
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
