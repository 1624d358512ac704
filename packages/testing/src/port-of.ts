import type { Server } from 'node:net'

/** The TCP port on which a server of any kind listens, mostly after `listen(0)`. */
export function portOf(server: Pick<Server, 'address'>): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on no TCP port')
  return address.port
}
