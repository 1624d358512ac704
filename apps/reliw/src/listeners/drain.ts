import type { Server } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { closeListener, connectionsOf, currentResponse, sourceOf } from '@reliw/http'
import { guarded } from '@reliw/options'
import { pausesOf } from './client-pauses.ts'
import { ARRIVING, closeArriving } from './proxy-headers.ts'

/** Interval between checks for idle connections, in milliseconds. */
const SWEEP = 50
/** Minimum time that a connection has to be idle before it is closed, in milliseconds. */
const GRACE = 1000
/** Maximum number of connections accepted while draining, in case new ones keep coming: about a system's backlog. */
const MAX_ACCEPTED = 4096
/**
 * Turns of the event loop without a new connection after which none is waiting: the first turn may not check for one.
 */
const QUIET_TURNS = 2

/**
 * Drains servers without losing a request: accepts the connections that the system has already taken, closes the
 * listening handles, and lets each connection end with its next response. The connection of a client that sends nothing
 * more is closed after a second, or after twice the client's usual pause between requests.
 *
 * Resolves when all connections have ended. Node's own `close` closes idle connections at once, which loses requests
 * that are already on their way.
 */
export async function drain(servers: readonly Server[]): Promise<void> {
  await acceptWaiting(servers)
  const since = performance.now()
  const closed = servers.map(closeListener)
  const sweep = setInterval(() => {
    // After the next poll for I/O, so that data that has arrived is taken into account.
    setImmediate(() => {
      for (const server of servers) {
        guarded(closeIdle, () => server.closeIdleConnections())(server, since)
      }
    })
  }, SWEEP)
  await Promise.all(closed)
  clearInterval(sweep)
  // Node's own `close` also stops the timer that checks connections for timeouts.
  for (const server of servers) server.close()
}

/** Accepts connections that wait in the backlog: the system resets those when the listening handle is closed. */
async function acceptWaiting(servers: readonly Server[]): Promise<void> {
  const seen = { accepted: 0 }
  const count = (): void => void seen.accepted++
  for (const server of servers) server.on('connection', count).on(ARRIVING, count)
  for (let quiet = 0; quiet < QUIET_TURNS && seen.accepted < MAX_ACCEPTED;) {
    const before = seen.accepted
    // Each turn of the event loop accepts one connection.
    await turn()
    quiet = seen.accepted === before ? quiet + 1 : 0
  }
  for (const server of servers) server.off('connection', count).off(ARRIVING, count)
}

function closeIdle(server: Server, draining: number): void {
  if (performance.now() - draining >= GRACE) closeArriving(server)
  const connections = connectionsOf(server)
  if (connections === undefined) return server.closeIdleConnections()
  const now = performance.now()
  const idle = new Set(connections.idle())
  for (const connection of connections.all()) {
    const { socket } = connection
    const isUnused = socket.bytesRead === (sourceOf(socket)?.headerLength ?? 0)
    if (currentResponse(socket) !== undefined || !(isUnused || idle.has(connection))) continue
    const { since, usual } = pausesOf(socket) ?? { since: draining, usual: 0 }
    if (now - since >= Math.max(GRACE, 2 * usual)) socket.destroy()
  }
}
