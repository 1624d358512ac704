import type { Server, ServerResponse } from 'node:http'
import type { AddressSet } from '@reliw/options'
import type { FastifyBaseLogger } from 'fastify'
import type { LimitsSettings } from '../options.ts'
import { BodyWatch } from './body-watch.ts'
import { answerConnect } from './connect-requests.ts'
import { type ConnectionLimit, limitConnections } from './connections-per-ip.ts'
import { endSlowRequest } from './end-slow-request.ts'
import { answerHalfClosed } from './half-closed.ts'
import type { OnCutOff } from './on-cut-off.ts'
import { answerInTurn } from './pipeline.ts'
import { cutSlowReaders } from './slow-readers.ts'

/** Counts of connections that were cut, for metrics. */
export interface CutConnections {
  /** Clients that sent a body too slowly. */
  slowBodies: number
  /** Clients that did not read their answers. */
  slowReaders: number
  /** Connections with several of the requests that waited, where all connections had too many of them. */
  pipelines: number
  /** Clients that were not there any more, as it seems. */
  departed: number
  /** Connections beyond those that one address may have. */
  readonly excess: number
}

/** Keeps slow and greedy clients off the servers that it is given. */
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
    this.#bodies = new BodyWatch(limits, (_request, response, reason) => {
      this.slowBodies++
      log.info({ limits: { cut: reason }, request_id: idOf(response) }, 'slow client cut off')
      endSlowRequest(response)
    })
  }

  get excess(): number {
    return this.#limits.reduce((sum, { dropped }) => sum + dropped, 0)
  }

  /** To be called before the server listens, and after it was told who answers its requests. */
  guard(server: Server): void {
    const { send_timeout: sendTimeout, max_connections_per_ip: max } = this.#settings
    answerInTurn(server, this.#onCutOff)
    answerConnect(server, this.#onCutOff)
    answerHalfClosed(server, this.#onCutOff)
    cutSlowReaders(server, sendTimeout, () => {
      this.slowReaders++
    })
    if (max !== undefined) this.#limits.push(limitConnections(server, max, this.#exempt))
  }

  readonly #onCutOff: OnCutOff = (reason, response) => {
    if (reason === 'pipeline') this.pipelines++
    else this.departed++
    const id = response === undefined ? '' : idOf(response)
    this.#log.info({ limits: { cut: reason }, request_id: id }, 'connection cut off')
  }

  /** To be called for each request, as soon as it is there. */
  watch(response: ServerResponse, id: string): void {
    const { headers } = response.req
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined)
      return
    // Whoever is cut off is answered past Fastify, which has its headers elsewhere.
    response.setHeader('x-request-id', id)
    this.#bodies.watch(response.req, response)
  }

  close(): void {
    this.#bodies.close()
  }
}

function idOf(response: ServerResponse): string {
  return String(response.getHeader('x-request-id') ?? '')
}
