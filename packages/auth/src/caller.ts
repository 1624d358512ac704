import type { AuthSettings } from '@reliw/model'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A request, with what others have found out about it. */
export interface Caller {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly host: string
  /** '' when it is not known. */
  readonly clientIp: string
  /** Whether the client came over TLS, be it to a proxy in front of us. */
  readonly isSecure: boolean
  /** What holds for the site. */
  readonly settings: AuthSettings
}

const CONTROL = /\p{Cc}/u

/** Whether a text can be the name of a user: 1 to 256 characters, none of them a control character. */
export function isUserName(name: string): boolean {
  return name.length > 0 && name.length <= 256 && !CONTROL.test(name)
}
