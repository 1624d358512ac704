import type { IncomingHttpHeaders } from 'node:http'

/** What API keys begin with: it tells them from other bearer tokens, and secret scanners what they are. */
export const API_KEY_PREFIX = 'rlw_'

/** The user and password of `Authorization: Basic` (RFC 7617, UTF-8); undefined when there is none. */
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

/** The token of `Authorization: Bearer` (RFC 6750), API keys excepted. */
export function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  const token = bearer(headers)
  return token?.startsWith(API_KEY_PREFIX) ? undefined : token
}

/** The API key of `X-API-Key`, or of `Authorization: Bearer`. */
export function apiKey(headers: IncomingHttpHeaders): string | undefined {
  const { 'x-api-key': own } = headers
  if (typeof own === 'string') return own
  const token = bearer(headers)
  return token?.startsWith(API_KEY_PREFIX) ? token : undefined
}

function bearer({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  return /^bearer +(.*)$/is.exec(authorization)?.[1]
}
