import { type AuthEvent, authEvents, publisherOf } from '@reliw/http'
import type { FastifyBaseLogger } from 'fastify'
import type { Caller } from './caller.ts'

/** A login, a logout or a failed attempt. */
export interface Audited extends Pick<AuthEvent, 'user' | 'reason' | 'isGuess'> {
  /** The authentication method: `way` in events and logs. */
  readonly method: AuthEvent['way']
}

/** Publishes an event on the channel of its kind, and logs it. */
export function audit(
  log: FastifyBaseLogger,
  kind: keyof typeof authEvents,
  { host, site, clientIp, request }: Caller,
  { user, method: way, reason, isGuess }: Audited
): void {
  const event = authEvents[kind]
  if (event.hasSubscribers) {
    const publisher = publisherOf(request.server)
    const { id: requestId } = request
    event.publish({ publisher, host, site, clientIp, requestId, user, way, reason, isGuess })
  }
  const who = { request_id: request.id, vhost: host, client_ip: clientIp, user }
  log.info({ audit: true, event: kind, ...who, way, reason }, 'audit')
}
