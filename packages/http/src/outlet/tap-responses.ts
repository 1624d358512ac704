import { pipeline, Readable, Transform } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { setHeaders } from '../set-headers.ts'
import { endTaps, type ResponseTap, tapHead, tapPiece, TAPS, tapsOf } from './taps.ts'

/**
 * Lets `tap` see all responses of an app: those of the outlet, and those sent by Fastify. Interim responses and the
 * responses to bytes that are no request are not seen. Taps are called in the order in which they were added. Without
 * taps they cost nothing. Call it before routes are registered: of the responses that Fastify sends, those of earlier
 * routes are not seen.
 */
export function tapResponses(fastify: FastifyInstance, tap: ResponseTap): void {
  const inherited = tapsOf(fastify)
  if (inherited === undefined) tapSent(fastify)
  if (inherited !== undefined && Object.hasOwn(fastify, TAPS)) inherited.push(tap)
  else fastify.decorate(TAPS, [...(inherited ?? []), tap])
}

/** Shows the responses that Fastify sends itself to the taps of the app. */
function tapSent(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (_request, reply, value, done) => {
    let sent: unknown
    try {
      const payload = bodyOf(reply, value)
      const head = tapHead(reply, reply.statusCode, listOf(reply))
      if (head !== undefined) {
        reply.code(head.status)
        for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name)
        setHeaders(reply, head.headers)
      }
      sent = tapPayload(reply, payload)
    } catch (error) {
      return done(error as Error)
    }
    done(null, sent)
  })
}

function listOf(reply: FastifyReply): string[] {
  return Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
    [value ?? []].flat().flatMap((one) => [name, String(one)])
  )
}

/** The body of a payload. The head of a `Response` becomes that of the reply, as Fastify would make it later. */
function bodyOf(reply: FastifyReply, payload: unknown): unknown {
  if (!(payload instanceof Response)) return payload
  reply.code(payload.status)
  for (const [name, value] of payload.headers) reply.header(name, value)
  return payload.body
}

/** Returns what is to be sent instead of the payload: the same bytes. */
function tapPayload(reply: FastifyReply, payload: unknown): unknown {
  if (payload instanceof Readable) return pipeline(payload, tapStream(reply), () => undefined)
  if (payload instanceof ReadableStream)
    return pipeline(Readable.fromWeb(payload), tapStream(reply), () => undefined)
  if (payload && reply.raw.req.method !== 'HEAD') tapPiece(reply, Buffer.from(payload as string))
  endTaps(reply, true)
  return payload
}

function tapStream(reply: FastifyReply): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      tapPiece(reply, chunk)
      done(null, chunk)
    },
    flush(done) {
      endTaps(reply, true)
      done()
    }
  })
}
