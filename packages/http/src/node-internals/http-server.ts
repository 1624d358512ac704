import type { IncomingMessage, Server } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'

/** The connections of a server: all of them, and those on which no part of a request has arrived. */
export interface Connections {
  all(): { socket: Socket }[]
  idle(): { socket: Socket }[]
}

/**
 * The HTTP/1 connections of a server; undefined where Node stores them differently.
 *
 * `http.server.connections`: the documented methods close idle connections without naming them, or count connections
 * without giving their sockets.
 */
export function connectionsOf(server: Server): Connections | undefined {
  const symbols = Object.getOwnPropertySymbols(server)
  const key = symbols.find(({ description }) => description === 'http.server.connections')
  const list = key && (server as unknown as Record<symbol, Partial<Connections> | undefined>)[key]
  const isKnown = typeof list?.all === 'function' && typeof list.idle === 'function'
  return isKnown ? (list as Connections) : undefined
}

/**
 * Stops accepting connections and resolves when all connections have ended. `close` of an HTTP server also ends idle
 * connections immediately, which loses a request that is on its way; `close` of `net.Server`, called here, does not. It
 * leaves the timer for connection timeouts running: call `server.close()` afterwards.
 */
export async function closeListener(server: Server): Promise<void> {
  await new Promise((done) => NetServer.prototype.close.call(server, done))
}

/**
 * Keeps a connection open after its client has sent FIN.
 *
 * `httpAllowHalfOpen`: otherwise Node ends the connection, including responses that have not been sent. HTTP/2 tracks
 * this state per stream.
 */
export function allowHalfOpen(server: Server): void {
  Object.assign(server, { httpAllowHalfOpen: true })
}

/**
 * Decides which requests with an Upgrade header are emitted as `upgrade`.
 *
 * `shouldUpgradeCallback` is documented only as an option of `createServer`, but the server may have been created
 * elsewhere. HTTP/2 has no upgrades.
 */
export function decideUpgrades(
  server: Server,
  mayUpgrade: (raw: IncomingMessage) => boolean
): void {
  Object.assign(server, { shouldUpgradeCallback: mayUpgrade })
}

/**
 * Whether a connection was accepted on a Unix socket.
 *
 * `server` of a socket: the socket's own address is undefined for a Unix socket, and also for a connection that has
 * ended.
 */
export function isOfUnixSocket({
  server
}: {
  readonly server?: Listening | null | undefined
}): boolean {
  return typeof server?.address() === 'string'
}

/** The part of a server that returns its listening address. */
export interface Listening {
  address(): object | string | null
}
