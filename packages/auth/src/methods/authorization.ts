import type { IncomingHttpHeaders } from 'node:http'
import type { AuthMethod } from '@reliw/model'

/** The prefix of API keys: it distinguishes them from other bearer tokens, and lets secret scanners recognize them. */
export const API_KEY_PREFIX = 'rlw_'

/** User name and password of `Authorization: Basic` (RFC 7617, UTF-8); undefined without that header. */
export function basicCredentials(
  headers: IncomingHttpHeaders
): { name: string; password: string } | 'malformed' | undefined {
  const encoded = /^basic +(.*)$/is.exec(headers.authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  if (colon === -1) return 'malformed'
  return { name: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** The token of `Authorization: Bearer` (RFC 6750), unless it is an API key. */
export function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  const token = bearer(headers)
  return token?.startsWith(API_KEY_PREFIX) ? undefined : token
}

/** The API key in `X-API-Key`, or in `Authorization: Bearer`. */
export function apiKey(headers: IncomingHttpHeaders): string | undefined {
  const { 'x-api-key': own } = headers
  if (typeof own === 'string') return own
  const token = bearer(headers)
  return token?.startsWith(API_KEY_PREFIX) ? token : undefined
}

const NONE: readonly string[] = []

/**
 * The headers with credentials for any of a rule's authentication methods, whichever of them accepted the request: a
 * client with a session may send its password as well, which no origin should see.
 *
 * @returns names in lower case
 */
export function credentialHeaders(
  headers: IncomingHttpHeaders,
  any: readonly AuthMethod[]
): readonly string[] {
  const { authorization, 'x-api-key': key } = headers
  if (authorization === undefined && key === undefined) return NONE
  const names: string[] = []
  if (isAuthorizationChecked(headers, any)) names.push('authorization')
  // An app may use this header for keys of its own: the prefix distinguishes ours.
  if (any.includes('api_key') && typeof key === 'string' && key.startsWith(API_KEY_PREFIX))
    names.push('x-api-key')
  return names
}

function isAuthorizationChecked(headers: IncomingHttpHeaders, any: readonly AuthMethod[]): boolean {
  if (basicCredentials(headers) !== undefined) return any.includes('basic')
  const token = bearer(headers)
  if (token === undefined) return false
  if (token.startsWith(API_KEY_PREFIX)) return any.includes('api_key')
  return any.some((method) => method === 'jwt' || (typeof method === 'object' && 'jwt' in method))
}

function bearer({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  return /^bearer +(.*)$/is.exec(authorization)?.[1]
}
