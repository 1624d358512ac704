import type { Upstream } from '@reliw/model'
import type { FastifyError, FastifyReply } from 'fastify'
import { BadRequest, BodyTooLarge, LoopDetected, MethodRefused, NotFound } from '../errors.ts'
import { mayReach } from '../headers/destination.ts'
import { mapPath, staysWithin } from '../headers/prefixes.ts'
import { loops } from '../headers/via.ts'
import { bodyLength } from './body-framing.ts'
import { makeLast } from './last-request.ts'
import { publicHostOf } from './receive.ts'

/** Methods that write to the resource in Destination (RFC 4918 9.8, 9.9). */
const WRITES_ELSEWHERE = new Set(['COPY', 'MOVE'])

/** The forwarded parts of a request besides its headers. */
export interface Forwardable {
  /** Path and query string for the origin. */
  readonly path: string
  /** Length of the body in bytes; `unknown` when it is not declared, `none` without a body. */
  readonly length: number | 'none' | 'unknown'
}

/**
 * Checks whether a request can be forwarded at all; otherwise returns the error for the client.
 *
 * @param limit maximum size of its body, in bytes
 */
export function checkRequest(
  reply: FastifyReply,
  settings: Upstream,
  pseudonym: string,
  limit: number
): Forwardable | FastifyError {
  const { raw } = reply.request
  const length = bodyLength(raw)
  if (length === 'invalid') {
    makeLast(reply)
    return new BadRequest()
  }
  if (raw.method === 'TRACE') return new MethodRefused()
  if (loops(raw.rawHeaders, pseudonym)) return new LoopDetected()
  const path = mapPath(raw.url ?? '', settings)
  if (path === undefined) return new NotFound()
  if (!staysWithin(raw.url ?? '', settings.strip_prefix)) return new BadRequest()
  if (!staysWithin(path, settings.add_prefix)) return new BadRequest()
  const { destination } = raw.headers
  if (destination !== undefined && WRITES_ELSEWHERE.has(raw.method ?? '')) {
    const isOurs = mayReach(String(destination), publicHostOf(raw.headers), settings)
    if (!isOurs) return new BadRequest()
  }
  if (typeof length === 'number' && length > limit) {
    makeLast(reply)
    return new BodyTooLarge()
  }
  return { path, length }
}
