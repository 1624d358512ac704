import type { FastifyReply, FastifyRequest } from 'fastify'
import { notModified, preconditionFailed } from '../http/conditional.ts'
import { matchesIfNoneMatch } from '../http/etag.ts'
import type { LargeFile, Representation } from './answer.ts'
import { validators } from './representation.ts'
import type { Write } from './write.ts'

/** What the content of an answer comes to for one request. */
export type Outcome = 'served' | 'precondition failed' | 'unsatisfiable' | { changed: LargeFile }

/** Answers 304, to GET and HEAD alone, or 412 where the request's conditions ask for it (RFC 9110 13.2.2). */
export function condition(
  request: FastifyRequest,
  reply: FastifyReply,
  form: Representation,
  etag: string,
  encoding: string,
  write: Write
): Outcome | undefined {
  const { headers, method } = request
  if (preconditionFailed(headers, etag, form.lastModified)) return 'precondition failed'
  if (method !== 'GET' && method !== 'HEAD') {
    const tags = headers['if-none-match']
    return tags !== undefined && matchesIfNoneMatch(tags, etag) ? 'precondition failed' : undefined
  }
  if (!notModified(headers, etag, form.lastModified)) return undefined
  write(reply, 304, validators(form, etag, encoding), undefined)
  return 'served'
}

/** 416, which tells how long the content is. */
export function refuseRange(reply: FastifyReply, size: number): Outcome {
  reply.header('content-range', `bytes */${size}`)
  return 'unsatisfiable'
}
