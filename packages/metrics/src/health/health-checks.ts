import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Health } from './health.ts'

/** Response to a health check. */
export interface HealthResponse {
  readonly status: 200 | 503
  readonly body: Readonly<Record<string, string>>
}

/** Liveness: a process that responds is alive. */
export const liveness: HealthResponse = { status: 200, body: { status: 'alive' } }

export function readiness({ unready: reason }: Health): HealthResponse {
  if (reason === undefined) return { status: 200, body: { status: 'ready' } }
  return { status: 503, body: { status: 'not ready', reason } }
}

/**
 * Responds to health checks on the app's own listener, whatever the host, before any hook that is added later: a load
 * balancer that is banned or rate-limited would take the server out of service. The response is the same for every
 * client.
 */
export function serveHealthChecks(fastify: FastifyInstance, path: string, health: Health): void {
  const checks = new Map([
    [`${path}/livez`, () => liveness],
    [`${path}/readyz`, () => readiness(health)]
  ])
  fastify.addHook('onRequest', (request, reply, done) => {
    const { url = '', method } = request.raw
    if (!url.startsWith(path) || (method !== 'GET' && method !== 'HEAD')) return done()
    const check = checks.get(url.split('?', 1)[0] ?? '')
    if (check === undefined) return done()
    const { status, body } = check()
    if (isLast(request)) reply.header('connection', 'close')
    reply.code(status).header('cache-control', 'no-store').send(body)
  })
}

/**
 * Whether nothing may follow on the connection.
 *
 * security: nobody reads a body here, or checks whether it ever arrives; what follows a refused upgrade, or chunks of
 * HTTP/1.0, may be a part of it.
 */
function isLast({ headers, raw }: FastifyRequest): boolean {
  return (
    headers['content-length'] !== undefined ||
    headers['transfer-encoding'] !== undefined ||
    headers.upgrade !== undefined ||
    raw.httpVersion === '1.0'
  )
}
