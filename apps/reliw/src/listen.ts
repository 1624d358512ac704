import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { answerClientError } from './client-error.ts'
import type { Settings } from './config.ts'
import { drain } from './drain.ts'
import { serverOptions } from './server-options.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Breaks every connection of every listener. */
    closeAllConnections: () => void
  }
}

/**
 * Listens on the configured addresses; where there are two, port 0 means the same free port for both.
 *
 * @returns the URLs
 */
export async function listen(app: FastifyInstance, settings: Settings): Promise<string[]> {
  const { ip, ipv6, port, backlog } = settings
  const servers: Server[] = [app.server]
  app.decorate('closeAllConnections', () => {
    for (const server of servers) server.closeAllConnections()
  })
  // After those of the plugins: by then the server says that it is not ready.
  app.addHook('preClose', async () => drain(servers))
  const urls = [
    await app.listen({ host: ip, port, backlog, listenTextResolver: () => 'listening' })
  ]
  if (ipv6 === undefined) return urls
  const second = createSecond(app, settings)
  servers.push(second)
  const taken = (app.server.address() as AddressInfo).port
  await new Promise<void>((resolve, reject) => {
    second.once('error', reject)
    second.listen({ host: ipv6, port: taken, backlog }, resolve)
  })
  return [...urls, `http://[${ipv6}]:${taken}`]
}

/** A listener beside Fastify's own, which has one address only. */
function createSecond(app: FastifyInstance, settings: Settings): Server {
  const { keepAliveTimeout, requestTimeout, maxRequestsPerSocket, http } = serverOptions(settings)
  const server = createServer({ ...http, keepAliveTimeout, requestTimeout }, (req, res) =>
    app.routing(req, res)
  )
  server.maxRequestsPerSocket = maxRequestsPerSocket ?? 0
  app.acceptUpgrades(server)
  app.guardServer(server)
  app.metrics.watch(server)
  server.on('clientError', (error, socket) => answerClientError(error, socket as never, app.log))
  return server
}
