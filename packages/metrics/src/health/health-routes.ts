import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Health } from './health.ts'

/** What a question about health is answered. */
export interface HealthAnswer {
  readonly status: 200 | 503
  readonly body: Readonly<Record<string, string>>
}

/** Alive: whoever can answer that is. */
export const alive: HealthAnswer = { status: 200, body: { status: 'alive' } }

export function readiness({ unready: reason }: Health): HealthAnswer {
  if (reason === undefined) return { status: 200, body: { status: 'ready' } }
  return { status: 503, body: { status: 'not ready', reason } }
}

/** Answers them on the app's own listener, whatever the host, before anybody forwards or reads the request. */
export function addHealthRoutes(fastify: FastifyInstance, path: string, health: Health): void {
  const answers = { livez: () => alive, readyz: () => readiness(health) }
  for (const [name, answer] of Object.entries(answers)) {
    const onRequest = async (
      _request: FastifyRequest,
      reply: FastifyReply
    ): Promise<FastifyReply> => {
      const { status, body } = answer()
      return reply.code(status).header('cache-control', 'no-store').send(body)
    }
    fastify.route({
      method: ['GET', 'HEAD'],
      url: `${path}/${name}`,
      config: { limits: { exempt: true } },
      onRequest,
      handler: onRequest
    })
  }
}
