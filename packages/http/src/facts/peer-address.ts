import { normalizeAddress } from '@reliw/options'
import { isOfUnixSocket, type Listening } from '../node-internals/index.ts'

/** The part of a socket that says who is at its other end. */
export interface Peer {
  readonly remoteAddress?: string | undefined
  /** The server that accepted the connection. */
  readonly server?: Listening | null | undefined
}

/**
 * The IP address at the other end of a connection, IPv4-mapped IPv6 as IPv4, without zone.
 *
 * Who reaches a server by its Unix socket is on this machine: 127.0.0.1. A TCP peer that is gone
 * already has no address any more: '', which is in no set of trusted addresses. The two must not
 * be confused, or whoever hangs up early is taken for a local proxy.
 */
export function peerAddress(peer: Peer): string {
  const { remoteAddress: address } = peer
  if (address === undefined) return isOfUnixSocket(peer) ? '127.0.0.1' : ''
  if (!address.includes(':')) return address
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7)
  return address.includes('%') ? (normalizeAddress(address) ?? '') : address
}
