import type { Server } from 'node:net'
import type { Settings } from '../config.ts'

/** The address of a listener, in the terms of `node:net`; a path is a Unix socket. */
export type Address =
  | { readonly host: string; readonly port: number; readonly ipv6Only?: boolean }
  | { readonly path: string }

/** The addresses in a config. */
export function addressesOf({ ip, ipv6, port }: Settings): Address[] {
  const first = { host: ip, port }
  // Without `ipv6Only`, `::` would also take the port on IPv4, where the first server listens.
  return ipv6 === undefined ? [first] : [first, { host: ipv6, port, ipv6Only: true }]
}

/** The TCP port that a server listens on; 0 for a Unix socket. */
export function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

/** The URL that a server listens on; for a Unix socket its path. */
export function urlOf(server: Server): string {
  const where = server.address()
  if (where === null || typeof where === 'string') return where ?? ''
  const { address, family, port } = where
  if (family === 'IPv6') return `http://[${address}]:${port}`
  // Not every client can connect to 0.0.0.0.
  return `http://${address === '0.0.0.0' ? '127.0.0.1' : address}:${port}`
}
