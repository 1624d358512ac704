import { InvalidValue, StoreUnavailable } from '@reliw/model'
import type { FastifyBaseLogger, FastifyError } from 'fastify'

/** Logs an error. What an operator has to mend is an error; what a client did is told by the access log alone. */
export function reportError(
  error: FastifyError,
  status: number,
  requestId: string,
  log: FastifyBaseLogger
): void {
  if (status < 500) return
  const fields = { request_id: requestId, ...causeOf(error) }
  if (error instanceof StoreUnavailable) log.debug(fields, 'store not available')
  else if (status === 501) log.warn(fields, 'not available')
  else if (status === 503) log.info({ ...fields, err: error }, 'refused for now')
  else if (error instanceof InvalidValue) log.error(fields, 'cannot serve')
  else log.error({ ...fields, err: error }, 'request failed')
}

/** Why a request failed, in an object of the package whose error it is. */
function causeOf(error: Error & { code?: unknown; upstream?: object }): object {
  if (error instanceof InvalidValue) return { content: { key: error.key, mistake: error.mistake } }
  const reason = { reason: error.message }
  if (!String(error.code).startsWith('RELIW_UPSTREAM_')) return { content: reason }
  return { upstream: error.upstream ?? reason }
}
