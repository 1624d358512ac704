import { hasLeft } from '@reliw/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ReceivedRequest, Withheld } from '../headers/received-request.ts'
import type { Group } from '../upstream/group.ts'
import { checkRequest, type Forwardable } from './check-request.ts'
import type { ForwardContext } from './context.ts'
import { receive } from './receive.ts'
import { reportRefusal } from './reports.ts'

/** A request that can be forwarded, with everything that its parts share. */
export interface ForwardedRequest {
  readonly context: ForwardContext
  readonly group: Group
  readonly reply: FastifyReply
  readonly received: ReceivedRequest
  /** Path and query string for the origin. */
  readonly path: string
  /** Length of the body in bytes; `unknown` when it is not declared, `none` without a body. */
  readonly length: Forwardable['length']
  /** Maximum size of the body, in bytes. */
  readonly limit: number
  /** When forwarding began, by `performance.now()`. */
  readonly begun: number
}

/**
 * Refuses a request that cannot be forwarded.
 *
 * @returns undefined when the request was refused, or its client has left
 */
export function acceptRequest(
  context: ForwardContext,
  group: Group,
  request: FastifyRequest,
  reply: FastifyReply,
  withheld: Withheld | undefined
): ForwardedRequest | undefined {
  // The client may have left during an earlier await: the response emits `close` only once, and nothing listened then.
  if (hasLeft(reply.raw)) {
    reportRefusal(context, group, request, undefined, 'client left')
    return undefined
  }
  const limit = group.settings.max_body_size ?? context.siteBodySize(request) ?? context.maxBodySize
  const checked = checkRequest(reply, group.settings, context.pseudonym, limit)
  if (checked instanceof Error) {
    reply.send(checked)
    reportRefusal(context, group, request, checked.statusCode, 'refused')
    return undefined
  }
  const { path, length } = checked
  const begun = performance.now()
  const received = receive(context, request, withheld)
  return { context, group, reply, received, path, length, limit, begun }
}
