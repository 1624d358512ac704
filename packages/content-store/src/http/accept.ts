/** A client's preferences: content codings (RFC 9110 12.5.3) and Markdown over HTML (12.5.1). */
import { parseQualityList } from './quality-list.ts'

/** The content codings in which variants are cached. */
export type Encoding = 'br' | 'zstd' | 'gzip'

/**
 * The codings that a client accepts, best first: by its weights, then br, zstd, gzip. Empty when there is no header, or
 * when the client prefers `identity`. `identity;q=0` changes nothing: content without an acceptable variant is sent
 * uncompressed rather than refused.
 */
export function preferredEncodings(header: string | undefined): readonly Encoding[] {
  if (header === undefined || header === '') return none
  const known = remembered.get(header)
  if (known !== undefined) return known
  const encodings = Object.freeze(chooseEncodings(header))
  if (header.length > LONGEST_REMEMBERED) return encodings
  if (remembered.size >= MOST_REMEMBERED) remembered.clear()
  remembered.set(header, encodings)
  return encodings
}

/**
 * Whether to send the Markdown or Djot source instead of the rendered page: only when the client names `text/markdown`
 * or `text/djot` itself, with a weight above 0 and not below the weight of `text/html`.
 */
export function prefersMarkdown(accept: string | undefined): boolean {
  if (accept === undefined || !/text\/(?:markdown|djot)/i.test(accept)) return false
  const weights = parseQualityList(accept)
  const source = Math.max(weights.get('text/markdown') ?? 0, weights.get('text/djot') ?? 0)
  const html = weights.get('text/html') ?? weights.get('text/*') ?? weights.get('*/*') ?? 0
  return source > 0 && source >= html
}

/**
 * Whether to send JSON instead of HTML: only when the client names `application/json` itself, with a weight above 0 and
 * not below the weight of `text/html`.
 */
export function prefersJson(accept: string | undefined): boolean {
  if (accept === undefined || !/application\/json/i.test(accept)) return false
  const weights = parseQualityList(accept)
  const json = weights.get('application/json') ?? 0
  return json > 0 && json >= (weights.get('text/html') ?? 0)
}

/**
 * Parsed headers: browsers send the same few values. security: an attacker may send endless different ones to fill
 * memory, so number and length are limited.
 */
const remembered = new Map<string, readonly Encoding[]>()
/** When this many headers are remembered, all are dropped. */
const MOST_REMEMBERED = 128
const LONGEST_REMEMBERED = 256

const ours: readonly Encoding[] = ['br', 'zstd', 'gzip']
const none: readonly Encoding[] = Object.freeze([])

function chooseEncodings(header: string): Encoding[] {
  const weights = parseQualityList(header)
  const others = weights.get('*') ?? 0
  const weightOf = (name: string) => weights.get(name) ?? others
  const identity = weights.get('identity') ?? 0
  // The sort is stable: codings of equal weight stay in our order.
  return ours
    .filter((name) => weightOf(name) > 0 && weightOf(name) >= identity)
    .toSorted((a, b) => weightOf(b) - weightOf(a))
}
