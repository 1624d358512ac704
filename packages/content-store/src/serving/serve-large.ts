import { beginResponse, endBody } from '@reliw/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type OpenFile, openWithin } from '../files/open-within.ts'
import type { LargeFile, Representation } from './resolution.ts'
import { condition, type Outcome, refuseRange } from './outcome.ts'
import { partOf } from './part.ts'
import { giveBackBuffer, takeBuffer } from './read-buffers.ts'
import { finished } from './representation.ts'
import { streamFile } from './stream-file.ts'
import { isClosed, turnOf } from './turn.ts'
import type { Write } from './write.ts'

/**
 * The representation of a file that has changed since its path was resolved: as it was opened, at the size it had then;
 * undefined when the file may not be served for that path any more.
 */
export type DescribeChanged = (opened: OpenFile) => Promise<Representation | undefined>

/** The client that a streamed file counts for; '' when unknown. Only called for large files. */
export type ClientOf = (request: FastifyRequest) => string

/**
 * Serves a file that is too large for the cache. It is opened and read only when its response has its turn on the
 * connection. security: an attacker could pipeline requests to multiply resources held by waiting responses.
 */
export async function serveLarge(
  request: FastifyRequest,
  reply: FastifyReply,
  representation: Representation,
  file: LargeFile,
  write: Write,
  describeChanged: DescribeChanged | undefined,
  clientOf: ClientOf
): Promise<Outcome> {
  const outcome = condition(request, reply, representation, file.etag, '', write)
  if (outcome !== undefined) return outcome
  await turnOf(reply.raw)
  if (isClosed(reply.raw)) return 'served'
  const opened = await openWithin(file.root, file.segments)
  if (typeof opened === 'string') return { changed: file }
  try {
    if (opened.identity === file.identity)
      return await send(request, reply, representation, opened, clientOf)
    const now = await describeChanged?.(opened)
    if (now === undefined) return { changed: file }
    const again = condition(request, reply, now, (now.body as LargeFile).etag, '', write)
    return again ?? (await send(request, reply, now, opened, clientOf))
  } finally {
    await opened.handle.close()
  }
}

/** Sends the opened file, at the size that it had when it was opened. */
async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  representation: Representation,
  { handle, size }: OpenFile,
  clientOf: ClientOf
): Promise<Outcome> {
  const { etag } = representation.body as LargeFile
  const part = partOf(request, representation, etag, size)
  if (part === 'unsatisfiable') return refuseRange(reply, size)
  if (isClosed(reply.raw)) return 'served'
  const isHead = request.method === 'HEAD'
  const client = clientOf(request)
  const buffer = isHead ? undefined : takeBuffer(client)
  try {
    const headers = part?.headers ?? finished(representation, etag, '', size)
    beginResponse(reply, part === undefined ? 200 : 206, headers)
  } catch (error) {
    if (buffer !== undefined) giveBackBuffer(buffer, client, true)
    throw error
  }
  const pieces = part?.pieces ?? [{ start: 0, end: size - 1 }]
  if (buffer === undefined) endBody(reply)
  else await streamFile(handle.fd, pieces, buffer, client, reply)
  return 'served'
}
