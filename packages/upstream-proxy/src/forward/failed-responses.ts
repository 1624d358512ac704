import type { FailureKind } from '@reliw/http'
import type { FastifyError } from 'fastify'
import { BadGateway, GatewayTimeout, Unavailable } from '../errors.ts'
import type { OriginFailure } from '../exchange.ts'
import type { ForwardedRequest } from './forwarded-request.ts'

/** Why the request cannot be sent to any origin at the moment. */
export type Unavailability = 'circuit open' | 'no origin' | 'pool full' | 'pool timeout'

/** A failed upstream, for logs. */
export interface FailedUpstream {
  readonly name: string
  /** The last origin that was tried; undefined between two attempts. */
  readonly origin: string | undefined
  readonly attempts: number
  readonly failure: FailureKind
}

/** @param retryAfter in seconds */
export function unavailable(
  { group, reply }: ForwardedRequest,
  reason: Unavailability,
  retryAfter: number
): FastifyError {
  reply.header('retry-after', String(retryAfter))
  return Object.assign(new Unavailable(), { upstream: { name: group.name, reason } })
}

/** The error for a client whose request failed at an origin: 504 after a timeout, else 502. */
export function gatewayError(failure: OriginFailure, upstream: FailedUpstream): FastifyError {
  const error = failure.status === 504 ? new GatewayTimeout() : new BadGateway()
  return Object.assign(error, { cause: failure, upstream })
}
