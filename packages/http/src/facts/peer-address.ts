import type { AddressInfo } from 'node:net'
import { normalizeAddress } from '@reliw/options'

/** The part of a socket that knows who is at its other end. */
export interface Peer {
  readonly remoteAddress?: string | undefined
}

/** The part of a server that knows where it listens. */
export interface Listener {
  address(): AddressInfo | string | null
}

/**
 * The IP address at the other end of a connection, IPv4-mapped IPv6 as IPv4, without zone.
 *
 * Who reaches a server by its Unix socket is on this machine: 127.0.0.1. A TCP peer that is gone
 * already has no address any more: '', which is in no set of trusted addresses. The two must not
 * be confused, or whoever hangs up early is taken for a local proxy.
 */
export function peerAddress(peer: Peer, listener: Listener): string {
  const address = peer.remoteAddress
  if (address === undefined) return typeof listener.address() === 'string' ? '127.0.0.1' : ''
  if (!address.includes(':')) return address
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7)
  return address.includes('%') ? (normalizeAddress(address) ?? '') : address
}
