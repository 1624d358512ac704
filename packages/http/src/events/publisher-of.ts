import type { Server } from 'node:http'
import { Publisher } from '@reliw/options'
import type { FastifyInstance } from 'fastify'

/** By Fastify's own server, which all encapsulated instances of an app share. */
const publishers = new WeakMap<Server, Publisher>()

/** What the events of an app name as their publisher: the same for every instance, and `request.server`, of the app. */
export function publisherOf({ server }: FastifyInstance): Publisher {
  let publisher = publishers.get(server)
  if (publisher === undefined) publishers.set(server, (publisher = new Publisher()))
  return publisher
}
