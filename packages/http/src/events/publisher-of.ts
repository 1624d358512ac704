import type { Server } from 'node:http'
import { Publisher } from '@reliw/options'
import type { FastifyInstance } from 'fastify'

/** Publishers by Fastify's own server, which all encapsulated instances of an app share. */
const publishers = new WeakMap<Server, Publisher>()

/** The publisher of an app's events: the same for all instances of the app and for `request.server`. */
export function publisherOf({ server }: FastifyInstance): Publisher {
  let publisher = publishers.get(server)
  if (publisher === undefined) publishers.set(server, (publisher = new Publisher()))
  return publisher
}
