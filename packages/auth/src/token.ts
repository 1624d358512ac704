import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 bits in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** An opaque secret of 256 random bits, as base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Whether a text could be a token: anything else is not worth looking up. */
export function isToken(text: string | undefined): text is string {
  return text !== undefined && TOKEN.test(text)
}

/** What is kept of a token: who reads the store cannot use it. SHA-256, as base64url. */
export function hashToken(token: string): string {
  return hash('sha256', token, 'base64url')
}

/** How many hashes are remembered before all are forgotten. */
const MEMO_ENTRIES = 1024

const memo = new Map<string, string>()

/** The hash of what a client shows as a token at each request; undefined for what cannot be one. */
export function idOfToken(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const known = memo.get(text)
  if (known !== undefined || !isToken(text)) return known
  const id = hashToken(text)
  if (memo.size >= MEMO_ENTRIES) memo.clear()
  memo.set(text, id)
  return id
}

/** Compares secrets in a time that says nothing about them but their length. */
export function areEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
