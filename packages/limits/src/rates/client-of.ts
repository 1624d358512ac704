import { hash } from 'node:crypto'
import { clientBlock } from '@reliw/options'
import type { FastifyRequest } from 'fastify'

/** Texts up to this length are parts of keys as they are, in characters. */
const MAX_PART = 200

/** What a request is counted by. */
export interface Counted {
  readonly request: FastifyRequest
  readonly clientIp: string
  /** Who it is from, where that is known. */
  readonly user: string | undefined
}

/**
 * Whose budget a request uses: an address, a user, or a header’s value, as one of 65,536 hashes: it may be long, and a
 * secret.
 *
 * security: clients choose what a header says; with budgets as many as there are values, they would fill the store.
 *
 * @param key as `RatePolicy` has it
 */
export function clientOf({ request, clientIp, user }: Counted, key: string): string {
  if (key === 'user' && user !== undefined) return `user:${keyPart(user)}`
  if (key.startsWith('header:')) {
    const value = request.raw.headers[key.slice('header:'.length)]
    if (value !== undefined) return `hash:${slotOf(String(value))}`
  }
  return clientBlock(clientIp) ?? clientIp
}

/** A text as a part of a key, which has to be short: a long one as its hash. */
export function keyPart(text: string): string {
  return text.length > MAX_PART ? shorten(text) : text
}

/** A text of any length as one of 65,536. */
function slotOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 4)
}

/** A text of any length as one of 22 characters. */
function shorten(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22)
}
