import type { IncomingHttpHeaders } from 'node:http'
import { beginResponse, endBody, writeBody } from '@reliw/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Encoding, preferredEncodings, prefersMarkdown } from '../http/accept.ts'
import type { ContentResolution, Representation } from './resolution.ts'
import { Body, type Variant } from './body.ts'
import { condition, type Outcome, refuseRange } from './outcome.ts'
import { type Part, partOf } from './part.ts'
import { finished } from './representation.ts'
import { type ClientOf, type DescribeChanged, serveLarge } from './serve-large.ts'
import type { Write } from './write.ts'

/**
 * Serves content to one request: chooses the representation and the content coding, evaluates conditions and ranges,
 * and writes the response. Returns a promise only when a variant has to be made, or a file read.
 *
 * @param mayCompress whether variants that do not exist yet may be made
 * @param describeChanged describes a large file that was written to since its path was resolved; without it such a file has
 * changed
 * @returns what the caller still has to do: send a 412, a 416 (Content-Range is set), or resolve the path again because
 * the file has changed
 */
export function serveContent(
  request: FastifyRequest,
  reply: FastifyReply,
  content: ContentResolution,
  write: Write,
  mayCompress: boolean,
  describeChanged: DescribeChanged | undefined,
  clientOf: ClientOf
): Outcome | Promise<Outcome> {
  const { headers, method } = request
  const { source } = content
  const isSourcePreferred = source !== undefined && prefersMarkdown(headers.accept)
  const original = isSourcePreferred ? source : content.representation
  const isRead = method === 'GET' || method === 'HEAD'
  // A file that has changed meanwhile may be the compressed one, which is then still being written.
  const coded =
    isRead && original.precompressed !== undefined && describeChanged === undefined
      ? codedOf(original.precompressed, headers)
      : undefined
  const representation = coded ?? original
  if (!(representation.body instanceof Body))
    return serveLarge(
      request,
      reply,
      representation,
      representation.body,
      write,
      describeChanged,
      clientOf
    )
  if (
    isRead &&
    coded === undefined &&
    representation.body.isCompressible &&
    !(method === 'GET' && headers.range !== undefined)
  ) {
    for (const encoding of preferredEncodings(headers['accept-encoding'])) {
      const variant = representation.body.encoded(encoding, mayCompress)
      if (variant === undefined) continue
      if (!(variant instanceof Promise))
        return serveVariant(request, reply, representation, variant, encoding, write)
      return variant.then((made) =>
        made === undefined
          ? serveIdentity(request, reply, representation, write)
          : serveVariant(request, reply, representation, made, encoding, write)
      )
    }
  }
  return serveIdentity(request, reply, representation, write)
}

/** The compressed file that a client prefers; undefined when it accepts none. */
function codedOf(
  precompressed: ReadonlyMap<Encoding, Representation>,
  headers: IncomingHttpHeaders
): Representation | undefined {
  for (const encoding of preferredEncodings(headers['accept-encoding'])) {
    const coded = precompressed.get(encoding)
    if (coded !== undefined) return coded
  }
  return undefined
}

function serveIdentity(
  request: FastifyRequest,
  reply: FastifyReply,
  representation: Representation,
  write: Write
): Outcome {
  const { identity } = representation.body as Body
  const { bytes, etag } = identity
  const part = partOf(request, representation, etag, bytes.length)
  if (part === undefined) return serveVariant(request, reply, representation, identity, '', write)
  const outcome = condition(request, reply, representation, etag, '', write)
  if (outcome !== undefined) return outcome
  if (part === 'unsatisfiable') return refuseRange(reply, bytes.length)
  const [first] = part.pieces
  if (typeof first === 'string') writePieces(reply, part, bytes)
  else write(reply, 206, part.headers, bytes.subarray(first?.start, (first?.end ?? 0) + 1))
  return 'served'
}

function serveVariant(
  request: FastifyRequest,
  reply: FastifyReply,
  representation: Representation,
  { bytes, etag, text }: Variant,
  encoding: string,
  write: Write
): Outcome {
  const outcome = condition(request, reply, representation, etag, encoding, write)
  if (outcome !== undefined) return outcome
  const headers = finished(representation, etag, encoding, bytes.length)
  write(reply, 200, headers, bytes, text)
  return 'served'
}

/** Writes pieces of cached content. They share its memory, so that waiting responses take no more. */
function writePieces(reply: FastifyReply, { headers, pieces }: Part, bytes: Buffer): void {
  beginResponse(reply, 206, headers)
  for (const piece of pieces) {
    const isText = typeof piece === 'string'
    writeBody(
      reply,
      isText ? Buffer.from(piece, 'latin1') : bytes.subarray(piece.start, piece.end + 1)
    )
  }
  endBody(reply)
}
