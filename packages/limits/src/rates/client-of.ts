import { hash } from 'node:crypto'
import { clientBlock } from '@reliw/options'
import type { FastifyRequest } from 'fastify'

/** Maximum length of a text that is used in a key as it is, in characters. */
const MAX_PART = 200

/** A request, with the client and user it is counted for. */
export interface Counted {
  readonly request: FastifyRequest
  readonly clientIp: string
  /** The authenticated user, where there is one. */
  readonly user: string | undefined
}

/**
 * The client part of a budget's key: an address, a user, or one of 65,536 hashes of a header's value, which may be long
 * or secret.
 *
 * security: clients choose the header's value; with a budget for each value, an attacker could fill the store.
 *
 * @param key as in `RatePolicy`
 */
export function clientOf({ request, clientIp, user }: Counted, key: string): string {
  if (key === 'user' && user !== undefined) return `user:${keyPart(user)}`
  if (key.startsWith('header:')) {
    const value = request.raw.headers[key.slice('header:'.length)]
    if (value !== undefined) return `hash:${slotOf(String(value))}`
  }
  return clientBlock(clientIp) ?? clientIp
}

/** A text as part of a key: unchanged if it is short, else its hash. */
export function keyPart(text: string): string {
  return text.length > MAX_PART ? shorten(text) : text
}

/** One of 65,536 hashes of a text. */
function slotOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 4)
}

/** A hash of 22 characters. */
function shorten(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22)
}
