import type { Server } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** Prepares a server before it listens: with limits, counts, what it does with upgrades. */
type Equip = (server: Server) => void

interface Servers {
  readonly known: Server[]
  readonly equips: Equip[]
}

/** By Fastify's own server, which all encapsulated instances of an app share. */
const apps = new WeakMap<Server, Servers>()

/** Equips every server of an app: Fastify's own, and those that are added. For plugins. */
export function onServer({ server }: FastifyInstance, equip: Equip): void {
  const { known, equips } = serversOf(server)
  equips.push(equip)
  for (const one of known) equip(one)
}

/**
 * Has the plugins of an app equip a server beside Fastify's own, as they do Fastify's. To be called before it listens;
 * its listener for requests is `app.routing`.
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
