import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { answerClientError } from './client-error.ts'
import type { Settings } from './config.ts'
import { serverOptions } from './server-options.ts'

/** How often connections that have become idle are closed at the end, in milliseconds. */
const SWEEP = 50

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
  let drained: Promise<void>[] = []
  let sweep: NodeJS.Timeout | undefined
  app.addHook('preClose', async () => {
    drained = servers.slice(1).map((server) => new Promise((done) => server.close(() => done())))
    // Clients that were promised another request before the end began would keep it waiting.
    sweep = setInterval(() => {
      for (const server of servers) server.closeIdleConnections()
    }, SWEEP)
  })
  app.addHook('onClose', async () => {
    await Promise.all(drained)
    clearInterval(sweep)
  })
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
