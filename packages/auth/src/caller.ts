import type { AuthSettings } from '@reliw/model'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A request and its response, with the facts and settings that authentication depends on. */
export interface Caller {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** The host that the client requested. */
  readonly host: string
  /** The site that serves the host: users, API keys and sessions belong to it. */
  readonly site: string
  /** '' if unknown. */
  readonly clientIp: string
  /** Whether the client came over TLS, to this server or to a trusted proxy. */
  readonly isSecure: boolean
  /** The auth settings of the site. */
  readonly settings: AuthSettings
}

const CONTROL = /\p{Cc}/u

/** Whether a text is a valid user name: 1 to 256 characters, without control characters. */
export function isUserName(name: string): boolean {
  return name.length > 0 && name.length <= 256 && !CONTROL.test(name)
}
