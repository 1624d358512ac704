import type { FastifyReply, FastifyRequest } from 'fastify'
import { notModified, preconditionFailed } from '../http/conditional.ts'
import { matchesIfNoneMatch } from '../http/etag.ts'
import type { LargeFile, Representation } from './resolution.ts'
import { validators } from './representation.ts'
import type { Write } from './write.ts'

/** The outcome of serving content to one request. */
export type Outcome = 'served' | 'precondition failed' | 'unsatisfiable' | { changed: LargeFile }

/**
 * Evaluates the request's conditions (RFC 9110 13.2.2): sends a 304, for GET and HEAD only, or returns the outcome for
 * a 412; undefined when the content is to be sent.
 */
export function condition(
  request: FastifyRequest,
  reply: FastifyReply,
  representation: Representation,
  etag: string,
  encoding: string,
  write: Write
): Outcome | undefined {
  const { headers, method } = request
  if (preconditionFailed(headers, etag, representation.lastModified)) return 'precondition failed'
  if (method !== 'GET' && method !== 'HEAD') {
    const tags = headers['if-none-match']
    return tags !== undefined && matchesIfNoneMatch(tags, etag) ? 'precondition failed' : undefined
  }
  if (!notModified(headers, etag, representation.lastModified)) return undefined
  write(reply, 304, validators(representation, etag, encoding), undefined)
  return 'served'
}

/** The outcome for a 416; sets Content-Range to the length of the content. */
export function refuseRange(reply: FastifyReply, size: number): Outcome {
  reply.header('content-range', `bytes */${size}`)
  return 'unsatisfiable'
}
