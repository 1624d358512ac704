import type { Server } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { closeListener, connectionsOf, currentResponse } from '@reliw/http'
import { guarded } from '@reliw/options'
import { pausesOf } from './client-pauses.ts'

/** How often idle connections are looked for, in milliseconds. */
const SWEEP = 50
/** The shortest time for which a connection has to be idle before it is closed, in milliseconds. */
const GRACE = 1000
/** How many connections are accepted before the end, where ever more come: about what a system lets wait. */
const MAX_ACCEPTED = 4096
/** How many turns of the event loop bring no connection when none waits: in the first it need not look. */
const QUIET_TURNS = 2

/**
 * Ends servers without losing a request: accepts the connections that the system has taken already, closes the
 * listening handles, and lets the answers to what still comes end each connection. A client that sends nothing more
 * is left alone for a second, or twice its usual pause between two requests, before its connection is closed.
 *
 * Resolves when all connections have ended. Node's own `close` ends idle connections at once: a request that is on
 * its way by then is lost.
 */
export async function drain(servers: readonly Server[]): Promise<void> {
  await acceptWaiting(servers)
  const since = performance.now()
  const closed = servers.map(closeListener)
  const sweep = setInterval(() => {
    // After the next look at the network: what has come by then is known.
    setImmediate(() => {
      for (const server of servers) {
        guarded(closeIdle, () => server.closeIdleConnections())(server, since)
      }
    })
  }, SWEEP)
  await Promise.all(closed)
  clearInterval(sweep)
  // Node's own `close` also stops the timer that looks for connections past their time.
  for (const server of servers) server.close()
}

/** What waits in the backlog of a handle that is closed is reset by the system. */
async function acceptWaiting(servers: readonly Server[]): Promise<void> {
  const seen = { accepted: 0 }
  const count = (): void => void seen.accepted++
  for (const server of servers) server.on('connection', count)
  for (let quiet = 0; quiet < QUIET_TURNS && seen.accepted < MAX_ACCEPTED;) {
    const before = seen.accepted
    // Each turn accepts one.
    await turn()
    quiet = seen.accepted === before ? quiet + 1 : 0
  }
  for (const server of servers) server.off('connection', count)
}

function closeIdle(server: Server, draining: number): void {
  const connections = connectionsOf(server)
  if (connections === undefined) return server.closeIdleConnections()
  const now = performance.now()
  const idle = new Set(connections.idle())
  for (const connection of connections.all()) {
    const { socket } = connection
    const isUnused = socket.bytesRead === 0
    if (currentResponse(socket) !== undefined || !(isUnused || idle.has(connection))) continue
    const { since, usual } = pausesOf(socket) ?? { since: draining, usual: 0 }
    if (now - since >= Math.max(GRACE, 2 * usual)) socket.destroy()
  }
}
