import type { Publisher } from '@reliw/options'
import type { FastifyRequest } from 'fastify'
import type { Deadlines } from '../deadlines.ts'
import type { Tunnels } from '../tunnel/tunnels.ts'

/** Data shared by all requests. */
export interface ForwardContext {
  /** The publisher named in events. */
  readonly publisher: Publisher
  readonly deadlines: Deadlines
  readonly tunnels: Tunnels
  /** Maximum size of a request's body in bytes, unless the upstream or the site has a limit of its own. */
  readonly maxBodySize: number
  /** Maximum size of a body in bytes on the site of a request; undefined: `maxBodySize`. */
  siteBodySize(request: FastifyRequest): number | undefined
  /** The pseudonym of this process in Via. */
  readonly pseudonym: string
  traceparent(request: FastifyRequest): string | undefined
}
