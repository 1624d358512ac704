import { contentStore } from '@reliw/content-store'
import { limits } from '@reliw/limits'
import { openStore, type Store } from '@reliw/store'
import { upstreamProxy } from '@reliw/upstream-proxy'
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance } from 'fastify'
import { createAccessLog } from './access-log.ts'
import { answerClientError } from './client-error.ts'
import { Config } from './config.ts'
import type { Log } from './log.ts'
import { isLast } from './last-request.ts'
import { serverOptions } from './server-options.ts'

/**
 * Composes the server that a config describes: which plugins, in the order in which they see a request.
 *
 * @throws InvalidOptions, or CannotOpen for the embedded store
 */
export async function build(input: Config, log: Log): Promise<FastifyInstance> {
  const logger: FastifyBaseLogger = log.logger
  const settings = Config.parse(input)
  const store = openStore({ ...input.store, redis: input.redis }, logger)
  const logAccess = createAccessLog(log, settings.log_headers)
  const app = Fastify({
    ...serverOptions(settings),
    // With a logger of its own Fastify listens twice to every response; the access log does that once.
    logger: false,
    // Raised before any hook: the URL is not even one that could be routed.
    frameworkErrors(error, request, reply) {
      logAccess(request, reply)
      reply.header('x-request-id', request.id)
      void app.sendErrorPage(error, request, reply)
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, logger)
  })
  app.log = logger
  app.addHook('onClose', () => store.close())
  void warnOfRules(store, logger)
  // Before the plugins: their routes take the handler that is there when they are registered.
  app.setErrorHandler((error, request, reply) =>
    app.sendErrorPage(error as FastifyError, request, reply)
  )
  app.addHook('onRequest', (request, reply, done) => {
    logAccess(request, reply)
    if (isLast(reply.raw)) reply.raw.setHeader('connection', 'close')
    done()
  })

  await app.register(limits, {
    trusted_proxies: input.trusted_proxies,
    max_uri_length: input.request_line_limit
  })
  await app.register(upstreamProxy, {
    store,
    max_body_size: input.max_body_size,
    drain_timeout: input.drain_timeout,
    resolver: input.resolver,
    host: ({ site }) => site,
    path: ({ path }) => path,
    client_ip: ({ clientIp }) => clientIp,
    peer_ip: ({ peerIp }) => peerIp,
    is_trusted: ({ isPeerTrusted }) => isPeerTrusted,
    headers: ({ id }) => ['x-request-id', id]
  })
  await app.register(contentStore, {
    data_dir: input.data_dir,
    cache_max_size: input.cache_max_size,
    compression: input.compression,
    store,
    host: ({ site }) => site,
    path: ({ path }) => path,
    forward: app.forward,
    raw: ({ id }) => ['x-request-id', id]
  })
  app.setNotFoundHandler(app.serveContent)
  return app
}

/** Rules that are stored and not applied must not go unnoticed. */
async function warnOfRules(store: Store, logger: FastifyBaseLogger): Promise<void> {
  if (!(await store.ready(1000))) return
  const rules = await store.driver.hash(store.keys.waf()).catch(() => undefined)
  if (rules) logger.warn({ waf: { hosts: Object.keys(rules) } }, 'WAF rules are not applied yet')
}
