import type { IncomingHttpHeaders } from 'node:http'
import { normalizeAddress, type AddressSet } from '@reliw/options'

/**
 * The address of the client behind trusted proxies; the peer's own address if the peer is not a trusted proxy.
 *
 * X-Forwarded-For is read from right to left, in reverse order of writing, for as long as the writers are trusted: the
 * first untrusted address wins, otherwise the leftmost. At an element that is not an address, the walk stops with the
 * last valid one. Without X-Forwarded-For, X-Real-IP counts if it is an address.
 *
 * security: only addresses written by trusted proxies count; a client may send any X-Forwarded-For of its own.
 *
 * @param peer the address of the sender of the headers, as `peerAddress` returns it
 * @param header a header, in lower case, in which trusted proxies name the client, in place of the two above; without
 * it, or unless its value is one address, the peer counts as the client
 */
export function clientAddress(
  peer: string,
  headers: IncomingHttpHeaders,
  trusted: AddressSet,
  header?: string
): string {
  if (!trusted.has(peer)) return peer
  if (header !== undefined) return addressIn(headers[header]) ?? peer
  const forwarded = headers['x-forwarded-for']
  if (typeof forwarded === 'string') return lastUntrusted(peer, forwarded, trusted)
  return addressIn(headers['x-real-ip']) ?? peer
}

function addressIn(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? parseElement(value) : undefined
}

function lastUntrusted(peer: string, forwarded: string, trusted: AddressSet): string {
  let client = peer
  let end = forwarded.length
  while (end >= 0 && trusted.has(client)) {
    const comma = end === 0 ? -1 : forwarded.lastIndexOf(',', end - 1)
    const address = parseElement(forwarded.slice(comma + 1, end))
    if (address === undefined) break
    client = address
    end = comma
  }
  return client
}

/** Parses `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`. */
function parseElement(element: string): string | undefined {
  const text = element.trim()
  if (text.includes('%')) return undefined
  const withPort = /^(?:\[([^\]]*)\]|([^:[]*))(?::\d{1,5})?$/.exec(text)
  return normalizeAddress(withPort?.[1] ?? withPort?.[2] ?? text)
}
