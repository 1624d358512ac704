import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { addServer } from '@reliw/http'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Settings } from '../config.ts'
import { type Address, portOf, urlOf } from './address.ts'
import { answerClientError } from './client-error.ts'
import { drain } from './drain.ts'
import { serverOptions } from './server-options.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The servers that clients connect to. */
    listeners: Listeners
  }
}

/**
 * All servers that clients connect to: one per address, with the same options, guards and error handling. Fastify holds
 * only one server, so `app.server` is the first.
 */
export class Listeners {
  readonly #settings: Settings
  readonly #log: FastifyBaseLogger
  readonly #servers: Server[] = []

  constructor(settings: Settings, log: FastifyBaseLogger) {
    this.#settings = settings
    this.#log = log
  }

  /** Creates a server; Fastify's `serverFactory`. */
  readonly create = (handler: RequestListener): Server => {
    const server = createServer(serverOptions(this.#settings), handler)
    server.maxRequestsPerSocket = this.#settings.requests_per_fork
    server.on('clientError', (error, socket) =>
      answerClientError(error, socket as Socket, this.#log)
    )
    this.#servers.push(server)
    return server
  }

  /**
   * Listens on addresses; all addresses with port 0 share one free port. To be called after all plugins are registered.
   *
   * @returns the URLs; for a Unix socket its path
   */
  async open(app: FastifyInstance, addresses: readonly Address[]): Promise<string[]> {
    await app.ready()
    const { backlog } = this.#settings
    const urls: string[] = []
    let shared = 0
    for (const address of addresses) {
      const server = this.#servers.find(({ listening }) => !listening) ?? this.#add(app)
      server.listen({
        ...address,
        ...('port' in address && { port: address.port || shared }),
        backlog
      })
      await once(server, 'listening')
      shared ||= portOf(server)
      urls.push(urlOf(server))
    }
    this.#log.info('listening')
    return urls
  }

  #add(app: FastifyInstance): Server {
    const server = this.create((request, response) => app.routing(request, response))
    addServer(app, server)
    return server
  }

  /** Drains all servers without losing a request: see {@link drain}. */
  async drain(): Promise<void> {
    await drain(this.#servers)
  }

  /** Breaks every connection. */
  closeAllConnections(): void {
    for (const server of this.#servers) server.closeAllConnections()
  }
}
