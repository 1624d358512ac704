/** Metrics of many sites, for Prometheus and OpenMetrics, and health checks: on a listener of its own. */

import type { Server } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { onEnd, onServer, publisherOf, receivedBytes, sentBytes, useFacts } from '@reliw/http'
import { StoreUnavailable } from '@reliw/model'
import { parseOptions } from '@reliw/options'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { catalog } from './catalog.ts'
import { type Family, labelsOf, single } from './family.ts'
import { liveness, serveHealthChecks, readiness } from './health/health-checks.ts'
import { statusOf } from './health/status.ts'
import { type Handler, Listener, sendJson, sendText } from './listener/listener.ts'
import { sendMetrics } from './listener/send-metrics.ts'
import { Observed } from './observed.ts'
import { MetricsOptions } from './options.ts'
import { startRuntime } from './process/runtime.ts'
import { familiesOf } from './process/registry-families.ts'
import { isReserved } from './process/reserved-names.ts'
import { finalStatus } from './requests/final-status.ts'
import { Scrape } from './scrape.ts'

/** The metrics of an app. */
export interface Metrics {
  /** Counts the start of a request. Each call must be followed by one call of `end`. */
  begin: () => void
  /** Counts a finished request. */
  end: (request: FastifyRequest, reply: FastifyReply, milliseconds: number) => void
  /**
   * Opens the listener; resolves to its URL, or to undefined when metrics are disabled. Rejects when its address is not
   * available.
   */
  listen: () => Promise<string | undefined>
  /** Metrics of this process: plain data, for a process that merges those of several. */
  snapshot: () => Promise<readonly Family[]>
}

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Metrics
  }
}

async function metricsPlugin(fastify: FastifyInstance, options: MetricsOptions): Promise<void> {
  const settings = parseOptions('@reliw/metrics', MetricsOptions, options)
  if (settings.disabled) return void fastify.decorate('metrics', nothing)
  const pathOf = settings.path ?? pathOfContent
  const observed = new Observed(settings, publisherOf(fastify), (err) =>
    fastify.log.error({ err }, 'recent errors cannot be counted')
  )
  const { requests, health } = observed
  startRuntime()
  const scrape = new Scrape({
    collectors: observed.collectors,
    sources: [
      ofProcess,
      async () =>
        settings.registry === undefined
          ? []
          : familiesOf(settings.registry, (name) => !isReserved(name))
    ],
    store: settings.store,
    bounds: settings,
    peers: settings.peers,
    failed(err) {
      // The store logs its own outages.
      const level = err instanceof StoreUnavailable ? 'debug' : 'warn'
      fastify.log[level]({ err }, 'some metrics could not be read')
    }
  })
  const listener = new Listener(
    {
      '/metrics': showMetrics,
      '/livez': (_request, response) => sendJson(response, liveness.status, liveness.body),
      '/readyz': (_request, response) => {
        const { status, body } = readiness(health)
        sendJson(response, status, body)
      },
      '/status': async (_request, response) => sendJson(response, 200, await statusOf(observed))
    },
    settings.hosts,
    fastify.log
  )

  useFacts(fastify)
  fastify.decorate('metrics', {
    begin: () => requests.begin(),
    end,
    listen: async () => listener.listen(settings.ip, settings.port),
    snapshot: async () => scrape.snapshot()
  })
  onServer(fastify, watch)
  if (settings.hook) fastify.addHook('onRequest', count)
  if (settings.health_path !== undefined) serveHealthChecks(fastify, settings.health_path, health)
  fastify.addHook('preClose', async () => {
    health.isDraining = true
  })
  fastify.addHook('onClose', async () => {
    // Requests aborted by the closing server end only after it, and are counted then.
    for (let turn = 0; turn < 2; turn++) await setImmediate()
    observed.close()
    await listener.close()
  })

  function count(request: FastifyRequest, reply: FastifyReply, next: () => void): void {
    const start = performance.now()
    requests.begin()
    onEnd(reply, () => end(request, reply, performance.now() - start))
    next()
  }

  function end(request: FastifyRequest, reply: FastifyReply, milliseconds: number): void {
    const status = finalStatus(reply.raw)
    const site = requests.end({
      host: request.facts.site ?? '',
      method: request.raw.method ?? '',
      status,
      kind: request.kind ?? 'none',
      milliseconds,
      received: receivedBytes(request),
      sent: sentBytes(reply)
    })
    if (status >= 400 || settings.limits?.()?.pressure.isReduced) return
    const path = pathOf(request)
    if (path !== undefined) observed.paths.add(site, path)
  }

  function watch(server: Server): void {
    observed.connections.watch(server)
    observed.tls.watch(server)
  }

  async function showMetrics(...[request, response]: Parameters<Handler>): Promise<void> {
    const { families, isComplete } = await scrape.run()
    if (settings.strict && !isComplete)
      return sendText(response, 503, 'The store is unavailable.\n')
    await sendMetrics(request, response, families)
  }

  function ofProcess(): Family[] {
    const { info, processes, ready, logDropped } = catalog.Process
    return [
      { ...info, samples: [[labelsOf(info.labels, [settings.version]), 1]] },
      single(processes, 1),
      single(ready, health.unready === undefined ? 1 : 0),
      single(logDropped, settings.log_dropped?.() ?? 0)
    ]
  }
}

/** Path of a request for a file or page. security: clients can make up any number of other paths. */
function pathOfContent({ kind, facts }: FastifyRequest): string | undefined {
  return kind === 'file' || kind === 'page' ? facts.path : undefined
}

const nothing: Metrics = {
  begin: () => undefined,
  end: () => undefined,
  listen: async () => undefined,
  snapshot: async () => []
}

export const metrics = fp(metricsPlugin, { fastify: '5.x', name: '@reliw/metrics' })
