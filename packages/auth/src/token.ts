import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 bits in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** A random, opaque token of 256 bits, as base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Whether a text has the form of a token; any other text is not worth a lookup. */
export function isToken(text: string | undefined): text is string {
  return text !== undefined && TOKEN.test(text)
}

/**
 * The form in which a token is stored: its SHA-256, as base64url.
 *
 * security: a reader of the store cannot use it as a token.
 */
export function hashToken(token: string): string {
  return hash('sha256', token, 'base64url')
}

/** Maximum number of cached hashes; past it, all are evicted. */
const MEMO_ENTRIES = 1024

const memo = new Map<string, string>()

/** The hash of a token that a client sends with each request, cached; undefined if the text cannot be a token. */
export function idOfToken(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const cached = memo.get(text)
  if (cached !== undefined || !isToken(text)) return cached
  const id = hashToken(text)
  if (memo.size >= MEMO_ENTRIES) memo.clear()
  memo.set(text, id)
  return id
}

/** Compares secrets in a time that reveals only whether their lengths are equal. */
export function areEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
