import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { UsageError } from './report-failure.ts'

const ADVICE = 'Choose another metrics.port or --metrics-port; 0: any free port.'

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
      throw new UsageError(
        `Cannot open the metrics listener: ${(error as Error).message}. ${ADVICE}`
      )
    }
    app.log.warn({ err: error, advice: ADVICE }, 'metrics listener not opened')
    return undefined
  }
}
