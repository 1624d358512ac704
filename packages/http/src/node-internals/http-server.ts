import type { IncomingMessage, Server } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'

/** All connections of a server, and those of them of which no part of a request has come. */
export interface Connections {
  all(): { socket: Socket }[]
  idle(): { socket: Socket }[]
}

/**
 * The connections of HTTP/1 of a server; undefined where Node keeps them in another way. `http.server.connections`: what is
 * documented closes idle connections without telling which, and its count has no sockets.
 */
export function connectionsOf(server: Server): Connections | undefined {
  const symbols = Object.getOwnPropertySymbols(server)
  const key = symbols.find(({ description }) => description === 'http.server.connections')
  const list = key && (server as unknown as Record<symbol, Partial<Connections> | undefined>)[key]
  const isKnown = typeof list?.all === 'function' && typeof list.idle === 'function'
  return isKnown ? (list as Connections) : undefined
}

/**
 * Accepts no more connections and resolves when all have ended. The `close` of HTTP servers also ends idle connections at
 * once, and a request that is on its way is lost; that of `net.Server`, called here, does not. It leaves their timer running:
 * call `server.close()` afterwards.
 */
export async function closeListener(server: Server): Promise<void> {
  await new Promise((done) => NetServer.prototype.close.call(server, done))
}

/**
 * Leaves a connection open when its client has sent FIN. `httpAllowHalfOpen`: otherwise Node ends it, with the responses that
 * are not out. HTTP/2 has the state for each stream.
 */
export function allowHalfOpen(server: Server): void {
  Object.assign(server, { httpAllowHalfOpen: true })
}

/**
 * Decides which requests with an Upgrade header come as `upgrade`. `shouldUpgradeCallback` is documented as an option of
 * `createServer` alone, and the server may be made by others. HTTP/2 has no upgrades.
 */
export function decideUpgrades(
  server: Server,
  mayUpgrade: (raw: IncomingMessage) => boolean
): void {
  Object.assign(server, { shouldUpgradeCallback: mayUpgrade })
}

/**
 * Whether a connection was accepted on a Unix socket. `server`, of a socket: its own address is undefined for a Unix socket as
 * it is for a connection that has ended.
 */
export function isOfUnixSocket({
  server
}: {
  readonly server?: Listening | null | undefined
}): boolean {
  return typeof server?.address() === 'string'
}

/** The part of a server that knows where it listens. */
export interface Listening {
  address(): object | string | null
}
