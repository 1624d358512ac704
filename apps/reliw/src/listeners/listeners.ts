import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { addServer, connectionEvents, publisherOf } from '@reliw/http'
import type { AddressSet } from '@reliw/options'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Settings } from '../config.ts'
import { type Address, portOf, urlOf } from './address.ts'
import { answerClientError } from './client-error.ts'
import { drain } from './drain.ts'
import { awaitProxyHeaders, closeArriving, type ProxyHeaderOptions } from './proxy-headers.ts'
import { proxyHeaderTime, serverOptions } from './server-options.ts'

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
  readonly #proxyHeaders: ProxyHeaderOptions | undefined
  #app: FastifyInstance | undefined

  constructor(settings: Settings, trusted: AddressSet, log: FastifyBaseLogger) {
    const { proxy_protocol: mode } = settings
    this.#settings = settings
    this.#log = log
    if (mode === undefined) return
    this.#proxyHeaders = {
      trusted,
      isRequired: mode === 'required',
      timeout: proxyHeaderTime(settings),
      onRefuse: this.#onRefuse
    }
  }

  /** Creates a server; Fastify's `serverFactory`. */
  readonly create = (handler: RequestListener): Server => {
    const server = createServer(serverOptions(this.#settings), handler)
    server.maxRequestsPerSocket = this.#settings.requests_per_fork
    if (this.#proxyHeaders !== undefined) awaitProxyHeaders(server, this.#proxyHeaders)
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
    this.#app = app
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

  readonly #onRefuse: ProxyHeaderOptions['onRefuse'] = (peerIp, reason) => {
    this.#log.info({ peer_ip: peerIp, proxy_header: reason }, 'connection refused')
    if (this.#app === undefined || !connectionEvents.refused.hasSubscribers) return
    connectionEvents.refused.publish({ publisher: publisherOf(this.#app), peerIp, reason })
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
    for (const server of this.#servers) {
      closeArriving(server)
      server.closeAllConnections()
    }
  }
}
