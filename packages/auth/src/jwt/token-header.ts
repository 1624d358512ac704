import { isUtf8 } from 'node:buffer'

/** What the header of a token says; all else in it is ignored, keys and their addresses too. */
export interface TokenHeader {
  readonly alg: string
  readonly kid: string | undefined
}

/** More than any header line that is let in has room for, in bytes. */
const LONGEST_TOKEN = 8192
const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/

/**
 * Reads the header of a token whose form is that of a signed JWT: RFC 7515, section 7.1, with a JSON
 * object as payload. Nothing is verified. The encoding is checked more strictly than by jose, which
 * takes spaces and stray bits: no two texts are the same token.
 *
 * @returns what is wrong, if something is, without any of the token's text
 */
export function readTokenHeader(token: string): TokenHeader | string {
  if (token.length > LONGEST_TOKEN) return 'the token is too long'
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
  if (typeof alg !== 'string') return 'alg is not a text'
  if (kid !== undefined && typeof kid !== 'string') return 'kid is not a text'
  // RFC 7515, section 4.1.11: what names an extension that we do not know must be refused, and we
  // know none.
  if (crit !== undefined) return 'an extension is critical'
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
