import { type AttemptEvent, type OutcomeEvent, upstreamEvents } from '@reliw/http'
import type { FastifyRequest } from 'fastify'
import type { Group } from '../upstream/group.ts'
import type { Attempt } from './attempt.ts'
import type { ForwardContext } from './context.ts'
import type { ForwardedRequest } from './forwarded-request.ts'

/** The status of an attempt's response, or its failure. */
export type AttemptResult = Pick<AttemptEvent, 'status' | 'failure'>
/** The final result of a request. */
export type Result = OutcomeEvent['result']

/** Publishes the result of an attempt at an origin. */
export function reportAttempt(
  { context, group, reply }: ForwardedRequest,
  { origin, number, sentAt }: Attempt,
  result: AttemptResult
): void {
  if (!upstreamEvents.attempt.hasSubscribers) return
  upstreamEvents.attempt.publish({
    publisher: context.publisher,
    upstream: group.name,
    requestId: reply.request.id,
    origin: origin.name,
    attempt: number,
    ms: performance.now() - sentAt,
    ...result
  })
}

/**
 * Publishes that another attempt follows.
 *
 * @param attempt number of the coming attempt
 * @param delay pause before it, in milliseconds
 */
export function reportRetry(
  { context, group, reply }: ForwardedRequest,
  attempt: number,
  delay: number
): void {
  if (!upstreamEvents.retry.hasSubscribers) return
  upstreamEvents.retry.publish({
    publisher: context.publisher,
    upstream: group.name,
    requestId: reply.request.id,
    attempt,
    delay
  })
}

/** Publishes the outcome of a request. */
export function reportOutcome(
  { context, group, reply, begun }: ForwardedRequest,
  attempts: number,
  result: Result,
  status: number
): void {
  if (!upstreamEvents.outcome.hasSubscribers) return
  upstreamEvents.outcome.publish({
    publisher: context.publisher,
    upstream: group.name,
    requestId: reply.request.id,
    attempts,
    ms: performance.now() - begun,
    status: result === 'client left' ? undefined : status,
    result
  })
}

/** Publishes the outcome of a request that is not sent to any origin. */
export function reportRefusal(
  { publisher }: ForwardContext,
  { name: upstream }: Group,
  { id: requestId }: FastifyRequest,
  status: number | undefined,
  result: Result
): void {
  const { outcome } = upstreamEvents
  if (!outcome.hasSubscribers) return
  outcome.publish({ publisher, upstream, requestId, attempts: 0, ms: 0, status, result })
}
