import type { FastifyReply, FastifyRequest } from 'fastify'
import { preferredEncodings, prefersMarkdown } from '../http/accept.ts'
import { notModified, preconditionFailed } from '../http/conditional.ts'
import { matchesIfNoneMatch } from '../http/etag.ts'
import { type ByteRange, parseRange } from '../http/range.ts'
import type { Answer, LargeFile, Representation } from './answer.ts'
import { Body, type Variant } from './body.ts'
import { reopen, streamFile } from './stream-file.ts'
import { joinHeaders, type Write } from './write.ts'

type Content = Extract<Answer, { kind: 'content' }>

/** What the content of an answer comes to for one request. */
export type Outcome = 'served' | 'precondition failed' | 'unsatisfiable' | { changed: LargeFile }

/**
 * Serves content to one request: chooses the form and the coding, honours conditions and ranges, and writes.
 * Returns a promise only where something has to be made or read first.
 *
 * @param mayCompress whether codings may be made that are not there yet
 * @returns what else is to be answered: 412, 416 (Content-Range is set), or another answer because the file changed
 */
export function serveContent(
  request: FastifyRequest,
  reply: FastifyReply,
  { page, source }: Content,
  write: Write,
  mayCompress: boolean
): Outcome | Promise<Outcome> {
  const { headers, method } = request
  const form = source !== undefined && prefersMarkdown(headers.accept) ? source : page
  if (!(form.body instanceof Body)) return serveLarge(request, reply, form, form.body, write)
  const isRead = method === 'GET' || method === 'HEAD'
  if (isRead && form.body.isCompressible && !(method === 'GET' && headers.range !== undefined)) {
    for (const encoding of preferredEncodings(headers['accept-encoding'])) {
      const variant = form.body.encoded(encoding, mayCompress)
      if (variant === undefined) continue
      if (!(variant instanceof Promise))
        return serveVariant(request, reply, form, variant, encoding, write)
      return variant.then((made) =>
        made === undefined
          ? serveIdentity(request, reply, form, write)
          : serveVariant(request, reply, form, made, encoding, write)
      )
    }
  }
  return serveIdentity(request, reply, form, write)
}

function serveIdentity(
  request: FastifyRequest,
  reply: FastifyReply,
  form: Representation,
  write: Write
): Outcome {
  const { identity } = form.body as Body
  const range = rangeOf(request, identity.etag, identity.bytes.length, form)
  if (range === undefined) return serveVariant(request, reply, form, identity, '', write)
  const outcome = condition(request, reply, form, identity.etag, '', write)
  if (outcome !== undefined) return outcome
  if (range === 'unsatisfiable') return refuseRange(reply, identity.bytes.length)
  const bytes = identity.bytes.subarray(range.start, range.end + 1)
  reply.bodySize = bytes.length
  write(reply, 206, partHeaders(form, identity.etag, range, identity.bytes.length), bytes)
  return 'served'
}

function serveVariant(
  request: FastifyRequest,
  reply: FastifyReply,
  form: Representation,
  { bytes, etag, text }: Variant,
  encoding: string,
  write: Write
): Outcome {
  const outcome = condition(request, reply, form, etag, encoding, write)
  if (outcome !== undefined) return outcome
  const headers = finished(form, etag, encoding, bytes.length)
  reply.bodySize = request.method === 'HEAD' ? 0 : bytes.length
  if (request.method === 'HEAD') write(reply, 200, headers, undefined)
  else write(reply, 200, headers, bytes, text)
  return 'served'
}

/** Answers 304, to GET and HEAD alone, or 412 where the request's conditions ask for it (RFC 9110 13.2.2). */
function condition(
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

async function serveLarge(
  request: FastifyRequest,
  reply: FastifyReply,
  form: Representation,
  body: LargeFile,
  write: Write
): Promise<Outcome> {
  const outcome = condition(request, reply, form, body.etag, '', write)
  if (outcome !== undefined) return outcome
  const range = rangeOf(request, body.etag, body.size, form)
  if (range === 'unsatisfiable') return refuseRange(reply, body.size)
  const file = await reopen(body)
  if (file === undefined) return { changed: body }
  const headers =
    range === undefined
      ? finished(form, body.etag, '', body.size)
      : partHeaders(form, body.etag, range, body.size)
  const part = range ?? { start: 0, end: body.size - 1 }
  reply.hijack()
  reply.raw.writeHead(range === undefined ? 200 : 206, joinHeaders(reply, headers))
  if (request.method === 'HEAD') {
    await file.handle.close()
    reply.raw.end()
    return 'served'
  }
  reply.bodySize = part.end - part.start + 1
  await streamFile(file, part, reply.raw)
  return 'served'
}

function rangeOf(
  { headers, method }: FastifyRequest,
  etag: string,
  size: number,
  { lastModified }: Representation
): ByteRange | 'unsatisfiable' | undefined {
  if (method !== 'GET' || headers.range === undefined) return undefined
  const ifRange = headers['if-range']
  const validator = Array.isArray(ifRange) ? ifRange[0] : ifRange
  return parseRange(headers.range, validator, { size, etag, lastModified })
}

function refuseRange(reply: FastifyReply, size: number): Outcome {
  reply.header('content-range', `bytes */${size}`)
  return 'unsatisfiable'
}

/**
 * The same string, as the engine holds names of properties: it remembers of those what a regular expression
 * said of them, and node checks every header with two.
 */
function intern(text: string): string {
  return Object.keys({ [text]: 0 })[0] ?? text
}

/** The whole header list of a 200, made once per coding. */
function finished(
  form: Representation,
  etag: string,
  encoding: string,
  size: number
): readonly string[] {
  let headers = form.finished.get(encoding)
  if (headers === undefined) {
    headers = [...validators(form, etag, encoding), 'content-length', String(size)].map(intern)
    form.finished.set(encoding, headers)
  }
  return headers
}

function validators(form: Representation, etag: string, encoding: string): string[] {
  const headers = [...form.headers, 'etag', etag]
  if (encoding !== '') headers.push('content-encoding', encoding)
  return headers
}

function partHeaders(form: Representation, etag: string, range: ByteRange, size: number): string[] {
  const length = range.end - range.start + 1
  return [
    ...validators(form, etag, ''),
    'content-range',
    `bytes ${range.start}-${range.end}/${size}`,
    'content-length',
    String(length)
  ]
}
