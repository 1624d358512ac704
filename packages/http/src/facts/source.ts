import { type Peer, peerAddress } from './peer-address.ts'

/** The source of a connection, as its peer named it in a PROXY header. */
export interface Source {
  /** The IP address, IPv4-mapped IPv6 as IPv4; '' where the peer does not know it. */
  readonly address: string
  /** The TCP port; 0 where the peer does not know it. */
  readonly port: number
  /** The length of the header in bytes. */
  readonly headerLength: number
}

/** Property of a connection that holds its source. */
const SOURCE = Symbol('source')

interface Sourced {
  [SOURCE]?: Source
}

/**
 * Notes the source of a connection, for the facts of its requests and for limits on connections.
 *
 * security: only for a header of a trusted proxy.
 */
export function noteSource(connection: object, source: Source): void {
  ;(connection as Sourced)[SOURCE] = source
}

/** The source of a connection; undefined where no PROXY header named one: the peer speaks for itself. */
export function sourceOf(connection: object): Source | undefined {
  return (connection as Sourced)[SOURCE]
}

/**
 * The address of the sender of a connection's requests, by which their headers are trusted; '' where the peer does not
 * know it.
 */
export function senderAddress(connection: Peer): string {
  const source = sourceOf(connection)
  return source === undefined ? peerAddress(connection) : source.address
}

/** The address of a connection's source, else of its peer: see `peerAddress`. */
export function sourceAddress(connection: Peer): string {
  return senderAddress(connection) || peerAddress(connection)
}
