import { normalizeAddress } from '@reliw/options'
import { isOfUnixSocket, type Listening } from '../node-internals/index.ts'

/** The part of a socket that identifies its peer. */
export interface Peer {
  readonly remoteAddress?: string | undefined
  /** The server that accepted the connection. */
  readonly server?: Listening | null | undefined
}

/**
 * The IP address of a connection's peer, IPv4-mapped IPv6 as IPv4, without zone.
 *
 * A peer on a Unix socket is on this machine: 127.0.0.1. A TCP peer that has already disconnected has no address: '',
 * which is in no set of trusted addresses.
 *
 * security: if the two were confused, a client that disconnects early would pass for a local proxy.
 */
export function peerAddress(peer: Peer): string {
  const { remoteAddress: address } = peer
  if (address === undefined) return isOfUnixSocket(peer) ? '127.0.0.1' : ''
  if (!address.includes(':')) return address
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7)
  return address.includes('%') ? (normalizeAddress(address) ?? '') : address
}
