import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { UsageError } from './report-failure.ts'

const ADVICE = 'Give metrics.port, or --metrics-port, another number; 0 takes a free one.'

/**
 * Opens the listener for metrics and health checks. Without a configured address, another server on the machine may
 * have taken the default one: this is only a warning.
 *
 * @returns the URL; undefined when there is no listener
 */
export async function startMetrics(
  app: FastifyInstance,
  { metrics }: Config
): Promise<string | undefined> {
  try {
    return await app.metrics.listen()
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
    if (!isTaken || metrics?.port !== undefined || metrics?.ip !== undefined) {
      throw new UsageError(`The listener of metrics: ${(error as Error).message}. ${ADVICE}`)
    }
    app.log.warn({ err: error, advice: ADVICE }, 'no metrics listener')
    return undefined
  }
}
