/** Where a server runs, and what it is asked for first. */
export interface Place {
  /** A folder of its own. */
  dir: string
  /** The loopback port to listen on. */
  port: number
  host: string
  path: string
}

/** What to execute, in the place's folder. */
export interface Launch {
  command: readonly string[]
  /** Set beside our own environment. */
  env?: Record<string, string>
}

/** A server that is measured: one of ours, or one beside us. */
export interface Peer {
  name: string
  version: string
  /** Writes what the server needs into its folder. */
  prepare: (place: Place) => Launch | Promise<Launch>
  /** Once it runs: the headers by which it lets clients in, such as the cookie of a session. */
  enter?: (port: number) => Promise<Record<string, string>>
}

/** A peer that cannot be measured here, and why. */
export interface LeftOut {
  name: string
  reason: string
}

/** Tells the peers that can run from those that cannot. */
export function isPeer(peer: Peer | LeftOut): peer is Peer {
  return 'prepare' in peer
}
