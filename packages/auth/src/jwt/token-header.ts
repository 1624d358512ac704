import { isUtf8 } from 'node:buffer'

/** The parameters that are read; all others are ignored, including keys and addresses of keys. */
export interface TokenHeader {
  readonly alg: string
  readonly kid: string | undefined
}

/** Maximum length of a token, in bytes: more than an accepted header line can hold. */
const MAX_TOKEN_LENGTH = 8192
const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/

/**
 * Parses the header of a token in the form of a signed JWT: RFC 7515, section 7.1, with a JSON object as payload.
 * Verifies nothing. Base64url is checked more strictly than by jose, which accepts spaces and stray bits: two different
 * texts are never the same token.
 *
 * @returns a string that says what is invalid, without any of the token's text, if something is
 */
export function readTokenHeader(token: string): TokenHeader | string {
  if (token.length > MAX_TOKEN_LENGTH) return 'the token is too long'
  const [, header, payload, signature] = COMPACT.exec(token) ?? []
  if (header === undefined || payload === undefined || signature === undefined) {
    return 'the token does not have three parts in base64url'
  }
  if (decode(signature) === undefined) return 'the signature is not base64url'
  if (readObject(payload) === undefined) return 'the payload is not a JSON object'
  const parameters = readObject(header)
  return parameters === undefined ? 'the header is not a JSON object' : pick(parameters)
}

function pick({ alg, kid, crit }: Readonly<Record<string, unknown>>): TokenHeader | string {
  if (typeof alg !== 'string') return 'alg is not a string'
  if (kid !== undefined && typeof kid !== 'string') return 'kid is not a string'
  // RFC 7515, section 4.1.11: a token with an unknown critical extension must be refused, and all are unknown here.
  if (crit !== undefined) return 'the header has a critical extension'
  return { alg, kid }
}

function readObject(part: string): Record<string, unknown> | undefined {
  const bytes = decode(part)
  if (bytes === undefined || !isUtf8(bytes)) return undefined
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function decode(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : undefined
}
