import { access } from '@reliw/access'
import { auth } from '@reliw/auth'
import { contentStore, releaseBuffers } from '@reliw/content-store'
import { findFacts, isLast, useHeaderRules } from '@reliw/http'
import { limits, LimitsConfig, type LimitsOptions } from '@reliw/limits'
import { headersOfSite, type Settings as SiteSettings } from '@reliw/model'
import { AddressSet } from '@reliw/options'
import { metrics } from '@reliw/metrics'
import type { AccessLog, Live } from '@reliw/model'
import { openStore } from '@reliw/store'
import { releaseBlocks, upstreamProxy } from '@reliw/upstream-proxy'
import { waf } from '@reliw/waf'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController
} from 'fastify'
import { createAccessLog } from './access-log.ts'
import { Config, type Settings } from './config.ts'
import { followControl } from './control.ts'
import { emptyStorePage } from './empty-store-page.ts'
import type { Log } from './log.ts'
import { logFaults } from './log-faults.ts'
import { notePause } from './listeners/client-pauses.ts'
import { Listeners } from './listeners/listeners.ts'
import { SitePresence } from './site-presence.ts'
import { restoreTarget, routeAnyway } from './route-anyway.ts'
import { openTracing } from './tracing/open-tracing.ts'
import { trustedBlocks } from './trusted-proxies.ts'
import { reportUncounted } from './uncounted-hosts.ts'
import { version } from './version.ts'

/**
 * Builds the server that a config describes: registers the plugins, in the order in which they see a request.
 *
 * @throws InvalidOptions, or CannotOpen for the embedded store
 */
export async function build(input: Config, log: Log): Promise<FastifyInstance> {
  const logger: FastifyBaseLogger = log.logger
  const settings = Config.parse(input)
  const trusted = trustedBlocks(settings)
  const store = await openStore({ ...input.store, redis: input.redis }, logger)
  const tracing = await openTracing(settings.tracing, logger)
  const logAccess = createAccessLog(log, settings.log_headers, end, logOfSite)
  const listeners = new Listeners(settings, new AddressSet(trusted), logger)
  const app = Fastify({
    serverFactory: listeners.create,
    // Listeners handle the client errors of every server, Fastify's included.
    clientErrorHandler: () => undefined,
    bodyLimit: settings.max_body_size,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    // `pluginTimeout` would also limit closing, which has `drain_timeout`.
    pluginTimeout: 0,
    logController: new LogController({ disableRequestLogging: true }),
    // With a logger, Fastify adds two listeners to every response; the access log adds one.
    logger: false,
    // Fastify raises these errors before any hook, for a URL that it cannot route.
    frameworkErrors(error, request, reply) {
      if (routeAnyway(app, error, request.raw, reply.raw)) return
      // Fastify passes a bare request here, without decorations such as `facts`.
      request.facts = findFacts(app, request)
      request.bodySize = 0
      reply.bodySize = 0
      begin(request, reply)
      // No plugin has decided whether further requests may follow on the connection.
      reply.header('connection', 'close')
      void app.sendErrorPage(error, request, reply)
    }
  })
  app.log = logger
  app.decorate('listeners', listeners)
  const stopFollowing = followControl(store, logger)
  const stopLoggingFaults = logFaults(logger)
  const sites = new SitePresence(store, logger)
  app.decorate('sites', sites)
  const stopReporting = reportUncounted(store, settings.rate_limits, logger)
  app.addHook('onClose', async () => {
    stopFollowing()
    stopLoggingFaults()
    stopReporting()
    sites.close()
    await store.close()
  })
  tracing.attach(app)
  // Before the plugins: a route takes the error handler that is set when the route is registered.
  app.setErrorHandler((error: FastifyError, request, reply) =>
    app.sendErrorPage(error, request, reply)
  )
  app.addHook('onRequest', (request, reply, done) => {
    restoreTarget(request.raw)
    begin(request, reply)
    if (isLast(reply.raw)) reply.header('connection', 'close')
    done()
  })

  // Limits have read the settings of the site already, except for requests that they refuse before.
  useHeaderRules(app, ({ siteLimits, facts }) =>
    siteLimits === undefined
      ? headersOfSite(store, facts.site)
      : (siteLimits as Partial<SiteSettings>).headers
  )

  await app.register(metrics, {
    ...input.metrics,
    store,
    version,
    hook: false,
    limits: () => app.limits,
    upstreams: () => app.upstreams(),
    log_dropped: () => log.dropped(),
    directories: directoriesOf(settings)
  })
  // Before plugins whose hooks may wait: the proxy has to see requests in the order in which they arrived.
  await app.register(upstreamProxy, {
    store,
    max_body_size: input.max_body_size,
    site_body_size: (request) => request.siteLimits?.max_body_size,
    drain_timeout: input.drain_timeout,
    resolver: input.resolver,
    withhold: (request) => app.withhold(request),
    traceparent: tracing.traceparentOf
  })
  await app.register(limits, {
    ...limitsOf(input),
    trusted_proxies: trusted.map(({ address, prefix }) => `${address}/${prefix}`),
    store,
    escaped_path: 'pass',
    relieve() {
      store.shrink()
      releaseBuffers()
      releaseBlocks()
    }
  })
  await app.register(access, { geo: input.geo, store })
  await app.register(waf, {
    ...input.waf,
    store
  })
  await app.register(auth, {
    store,
    page: async ({ site, request }, page) =>
      app.renderLoginPage(site, { ...page, entry: request.entry })
  })
  await app.register(contentStore, {
    data_dir: input.data_dir,
    cache_max_size: input.cache_max_size,
    compression: input.compression,
    store,
    admit_client: (request, _reply, entry) => app.access.admit(request, entry),
    authorize: (request, reply, entry) =>
      entry.auth === undefined || app.authorize(request, reply, entry.auth),
    forward: app.forward,
    limit: (request, reply, entry) => app.limit(request, reply, entry),
    no_site_page: ({ facts }) => (sites.isEmpty ? emptyStorePage(facts.host ?? '') : undefined),
    is_busy: () => app.limits.pressure.isReduced,
    raw: true
  })
  app.setNotFoundHandler(app.serveContent)
  // After the plugins' own hooks, which make readiness checks fail.
  app.addHook('preClose', async () => listeners.drain())
  return app

  function logOfSite(site: string): Live<AccessLog> {
    const found = store.sites.settings(site)
    return found instanceof Promise ? found.then(({ access_log }) => access_log) : found.access_log
  }

  function begin(request: FastifyRequest, reply: FastifyReply): void {
    app.metrics.begin()
    logAccess(request, reply)
  }

  function end(request: FastifyRequest, reply: FastifyReply, ms: number): void {
    notePause(request.raw.socket, ms)
    app.metrics.end(request, reply, ms)
    tracing.onEnd?.(request, reply, ms)
  }
}

/** Directories whose free space is a metric. */
function directoriesOf({ data_dir, store, redis }: Settings): Record<string, string> {
  return redis === undefined ? { data_dir, store: store.dir } : { data_dir }
}

/** The options of a config that belong to limits. */
function limitsOf(input: Config): LimitsOptions {
  const options: Record<string, unknown> = {
    max_uri_length: input.request_line_limit,
    max_body_size: input.max_body_size,
    body_timeout: input.request_body_timeout
  }
  for (const name of Object.keys(LimitsConfig.shape)) options[name] = input[name as keyof Config]
  options['max_concurrent_requests'] ??= input.fork_limit
  return options
}
