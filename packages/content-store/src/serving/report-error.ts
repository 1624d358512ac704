import { InvalidValue, StoreUnavailable } from '@reliw/model'
import type { FastifyBaseLogger, FastifyError } from 'fastify'

/**
 * Logs an error with a status of 5xx, at a level that fits its cause. Other errors are the client's: the access log has
 * them.
 */
export function reportError(
  error: FastifyError,
  status: number,
  requestId: string,
  log: FastifyBaseLogger
): void {
  if (status < 500) return
  const fields = { request_id: requestId, ...causeOf(error) }
  if (error instanceof StoreUnavailable) log.debug(fields, 'store not available')
  else if (status === 501) log.warn(fields, 'not implemented')
  else if (error.code === 'RELIW_LIMITS_MAINTENANCE') log.debug(fields, 'site in maintenance')
  else if (status === 503) log.info({ ...fields, err: error }, 'temporarily unavailable')
  else if (error instanceof InvalidValue) log.error(fields, 'cannot serve')
  else log.error({ ...fields, err: error }, 'request failed')
}

/** The cause of a failed request, as an object of the package that raised the error. */
function causeOf(error: Error & { code?: unknown; upstream?: object }): object {
  if (error instanceof InvalidValue) return { content: { key: error.key, mistake: error.issue } }
  const reason = { reason: error.message }
  if (!String(error.code).startsWith('RELIW_UPSTREAM_')) return { content: reason }
  return { upstream: error.upstream ?? reason }
}
