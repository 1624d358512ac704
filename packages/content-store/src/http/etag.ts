/** Entity tags and their two comparisons: RFC 9110 8.8.3, 13.1.1, 13.1.2. */
import { hash } from 'node:crypto'

/** The strong entity tag of `bytes`: their SHA-256 in hex, quoted (RFC 9110 8.8.3). */
export function strongEtag(bytes: Buffer): string {
  return `"${hash('sha256', bytes, 'hex')}"`
}

/**
 * Whether an If-None-Match value names `etag`, by weak comparison (RFC 9110 13.1.2). `*` names every tag. A malformed
 * value matches nothing, so the client is sent the content. Linear in the length of the header.
 */
export function matchesIfNoneMatch(header: string, etag: string): boolean {
  return header === etag || header.trim() === '*' || namesTag(header, opaqueTag(etag), isAnyTag)
}

/** Whether an If-Match value names `etag`, by strong comparison: weak tags never match (RFC 9110 13.1.1). */
export function matchesIfMatch(header: string, etag: string): boolean {
  if (header.trim() === '*') return true
  return !isWeak(etag) && namesTag(header, etag, isStrongTag)
}

/** Whether `etag` carries the weak prefix, which is case-sensitive (RFC 9110 8.8.3). */
export function isWeak(etag: string): boolean {
  return etag.startsWith('W/')
}

type TagFilter = (header: string, quote: number) => boolean

const isAnyTag: TagFilter = () => true
const isStrongTag: TagFilter = (header, quote) => !header.startsWith('W/', quote - 2)

/** Finds tags by their quotes instead of splitting at commas: commas are legal inside a tag. */
function namesTag(header: string, opaque: string, accepts: TagFilter): boolean {
  let open = header.indexOf('"')
  while (open !== -1) {
    const close = header.indexOf('"', open + 1)
    if (close === -1) return false
    const isSame = close - open === opaque.length - 1 && header.startsWith(opaque, open)
    if (isSame && accepts(header, open)) return true
    open = header.indexOf('"', close + 1)
  }
  return false
}

function opaqueTag(etag: string): string {
  return isWeak(etag) ? etag.slice(2) : etag
}
