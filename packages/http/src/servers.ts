import type { Server } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** Prepares a server before it listens: adds limits, counters, the handling of upgrades. */
type Equip = (server: Server) => void

interface Servers {
  readonly known: Server[]
  readonly equips: Equip[]
}

/** Servers of each app, by Fastify's own server, which all encapsulated instances of an app share. */
const apps = new WeakMap<Server, Servers>()

/** Calls `equip` for every server of an app: Fastify's own, and those added before or later. For plugins. */
export function onServer({ server }: FastifyInstance, equip: Equip): void {
  const { known, equips } = serversOf(server)
  equips.push(equip)
  for (const one of known) equip(one)
}

/**
 * Adds a server to an app beside Fastify's own, so that plugins equip it too. Call it before the server listens; its
 * `request` listener is `app.routing`.
 */
export function addServer({ server: own }: FastifyInstance, server: Server): void {
  const { known, equips } = serversOf(own)
  known.push(server)
  for (const equip of equips) equip(server)
}

function serversOf(own: Server): Servers {
  let servers = apps.get(own)
  if (servers === undefined) apps.set(own, (servers = { known: [own], equips: [] }))
  return servers
}
