import type { Server, ServerResponse } from 'node:http'
import type { AddressSet } from '@reliw/options'
import type { FastifyBaseLogger } from 'fastify'
import type { LimitsSettings } from '../options.ts'
import { BodyWatch } from './body-watch.ts'
import { handleConnect } from './connect-requests.ts'
import { type ConnectionLimit, limitConnections } from './connections-per-ip.ts'
import { endSlowRequest } from './end-slow-request.ts'
import { serveHalfClosed } from './half-closed.ts'
import type { OnCutOff } from './on-cut-off.ts'
import { respondInTurn } from './pipeline.ts'
import { cutSlowReaders } from './slow-readers.ts'

/** Numbers of connections that were cut off, for metrics. */
export interface CutConnections {
  /** Connections of clients that sent a body too slowly. */
  slowBodies: number
  /** Connections of clients that did not read their responses. */
  slowReaders: number
  /** Connections with more than a few waiting requests, closed because too many were waiting in the whole process. */
  pipelines: number
  /** Connections of clients that appeared to have left. */
  departed: number
  /** Connections beyond the maximum per client address. */
  readonly excess: number
}

/** Protects the servers it is given from slow and greedy clients. */
export class ConnectionGuard implements CutConnections {
  readonly #settings: LimitsSettings
  readonly #exempt: (ip: string) => boolean
  readonly #bodies: BodyWatch
  readonly #limits: ConnectionLimit[] = []
  slowBodies = 0
  slowReaders = 0
  pipelines = 0
  departed = 0
  readonly #log: FastifyBaseLogger

  constructor(
    settings: LimitsSettings,
    { trusted, allowed }: { trusted: AddressSet; allowed: AddressSet },
    log: FastifyBaseLogger
  ) {
    this.#settings = settings
    this.#log = log
    this.#exempt = (ip) => trusted.has(ip) || allowed.has(ip)
    const limits = {
      bodyTimeout: settings.body_timeout,
      minBodyRate: settings.min_body_rate,
      requestTimeout: settings.request_timeout,
      maxBodySize: settings.max_body_size
    }
    this.#bodies = new BodyWatch(limits, (_request, response, reason, id) => {
      this.slowBodies++
      log.info({ limits: { cut: reason }, request_id: id }, 'slow client cut off')
      endSlowRequest(response, id)
    })
  }

  get excess(): number {
    return this.#limits.reduce((sum, { dropped }) => sum + dropped, 0)
  }

  /** Call it before the server listens and after its `request` listeners are attached. */
  guard(server: Server): void {
    const { send_timeout: sendTimeout, max_connections_per_ip: max } = this.#settings
    respondInTurn(server, this.#onCutOff)
    handleConnect(server, this.#onCutOff)
    serveHalfClosed(server, this.#onCutOff)
    cutSlowReaders(server, sendTimeout, () => {
      this.slowReaders++
    })
    if (max !== undefined) this.#limits.push(limitConnections(server, max, this.#exempt))
  }

  readonly #onCutOff: OnCutOff = (reason, response) => {
    if (reason === 'pipeline') this.pipelines++
    else this.departed++
    const id = response && this.#bodies.idOf(response)
    this.#log.info({ limits: { cut: reason }, request_id: id }, 'connection cut off')
  }

  /** Watches the body of a request; call it as soon as the request exists. */
  watch(response: ServerResponse, id: string): void {
    this.#bodies.watch(response.req, response, id)
  }

  close(): void {
    this.#bodies.close()
  }
}
