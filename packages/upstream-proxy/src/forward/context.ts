import type { Publisher } from '@reliw/options'
import type { FastifyRequest } from 'fastify'
import type { Deadlines } from '../deadlines.ts'
import type { Tunnels } from '../tunnel/tunnels.ts'

/** What all requests share. */
export interface ForwardContext {
  /** Of the events. */
  readonly publisher: Publisher
  readonly deadlines: Deadlines
  readonly tunnels: Tunnels
  /** Most bytes of a request's body, unless the upstream has a limit of its own. */
  readonly maxBodySize: number
  /** What this process calls itself in Via. */
  readonly pseudonym: string
  traceparent(request: FastifyRequest): string | undefined
}
