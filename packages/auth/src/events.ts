import { channel } from 'node:diagnostics_channel'
import type { FastifyBaseLogger } from 'fastify'
import type { Caller } from './caller.ts'

/** What is told of a login, a failure, or a logout. */
export interface AuthEvent {
  readonly host: string
  /** '' when it is not known. */
  readonly clientIp: string
  readonly requestId: string
  /** Absent when nobody is known by the name that was given: it may be a mistyped password. */
  readonly user?: string | undefined
  /** How: `password`, `code`, `oidc`, `basic`, `api_key`, `jwt`, `forward`, `session`. */
  readonly way: string
  /** Why it failed. */
  readonly reason?: string | undefined
  /** false: what was shown was good once, or could not be checked, so nobody guesses. */
  readonly isGuess?: boolean | undefined
}

/** The channels of `node:diagnostics_channel` that tell what happens, for metrics, logs and bans. */
export const channels = {
  login: channel('reliw.auth.login'),
  failure: channel('reliw.auth.failure'),
  logout: channel('reliw.auth.logout')
}

/** Tells of an event: to the channel of its kind, and as a line of the log. */
export function audit(
  log: FastifyBaseLogger,
  kind: keyof typeof channels,
  { host, clientIp, request }: Caller,
  { user, way, reason, isGuess }: Pick<AuthEvent, 'user' | 'way' | 'reason' | 'isGuess'>
): void {
  const event: AuthEvent = { host, clientIp, requestId: request.id, user, way, reason, isGuess }
  channels[kind].publish(event)
  const who = { request_id: request.id, vhost: host, client_ip: clientIp, user }
  log.info({ audit: true, event: kind, ...who, way, reason }, 'audit')
}
