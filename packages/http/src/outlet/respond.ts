import { reportFault } from '@reliw/options'
import type { FastifyReply } from 'fastify'
import { isChunked } from '../node-internals/index.ts'
import { breakOff } from './break-off.ts'
import { withOwnHeaders } from './own-headers.ts'
import { endTaps, tapHead, tapPiece } from './taps.ts'
import { writeHead } from './write-head.ts'

/** Maximum size of a body that is written as text, which leaves in one piece with its head; in bytes. */
const MAX_TEXT = 16 * 1024
const NOTHING = Buffer.alloc(0)

/** Called when a piece was taken by the connection, or with an error. */
export type OnTaken = (error?: Error | null) => void

/**
 * Sends a complete response, bypassing Fastify's `send` and its `onSend` hooks: head and body in a single write if the
 * body is small or given as text. For HEAD, only the head is sent.
 *
 * @param headers name, value, name, value, …
 * @param text the body with one character per byte, if it is available as text
 */
export function respond(
  reply: FastifyReply,
  status: number,
  headers: readonly string[],
  body?: Buffer,
  text?: string
): void {
  const { raw } = reply
  const hasBody = body !== undefined && raw.req.method !== 'HEAD'
  sendHead(reply, status, headers, hasBody ? body : undefined)
  reply.hijack()
  endTaps(reply, true)
  if (hasBody) endWith(reply, body, text)
  else raw.end()
}

/**
 * Sends the head of a response whose body follows by `writeBody` and `endBody`. If this throws, an error page can be
 * sent instead.
 *
 * @param headers name, value, name, value, …; those of `reply.header()` are added
 */
export function beginResponse(
  reply: FastifyReply,
  status: number,
  headers: readonly string[]
): void {
  sendHead(reply, status, headers)
  reply.hijack()
  // The first piece of a chunked body may take long to arrive, and Node would keep the head until then.
  if (isChunked(reply.raw)) process.nextTick(flushHead, reply)
}

/**
 * Sends a piece of the body.
 *
 * @param onTaken must not throw; the memory of `bytes` may be reused then, and not before
 * @returns whether the connection takes more at the moment; `drain` of `reply.raw` says when it does again
 */
export function writeBody(reply: FastifyReply, bytes: Buffer, onTaken?: OnTaken): boolean {
  if (!pass(reply, bytes)) return false
  reply.bodySize += bytes.length
  return reply.raw.write(bytes, onTaken)
}

/**
 * Ends a response.
 *
 * @param last the last piece of the body; lent, its memory may be reused after the call
 * @param trailers name, value, name, value, …; dropped where the body is not chunked
 */
export function endBody(
  reply: FastifyReply,
  last?: Buffer,
  trailers: readonly string[] = []
): void {
  const { raw } = reply
  if (last !== undefined && !pass(reply, last)) return
  endTaps(reply, true)
  if (trailers.length > 0 && isChunked(raw)) raw.addTrailers(byName(trailers))
  if (last === undefined) raw.end()
  else endWith(reply, last.length > MAX_TEXT ? Buffer.from(last) : last)
}

/** Sends a 101 and ends the response; the connection then belongs to the other protocol (RFC 9110 7.8). */
export function switchProtocols(
  reply: FastifyReply,
  headers: readonly string[],
  protocol: string
): void {
  const upgrade = ['connection', 'Upgrade', 'upgrade', protocol]
  sendHead(reply, 101, headers.concat(upgrade))
  reply.hijack()
  endTaps(reply, true)
  reply.raw.end()
}

function sendHead(
  reply: FastifyReply,
  status: number,
  headers: readonly string[],
  body?: Buffer
): void {
  const all = withOwnHeaders(reply, status, headers)
  const head = tapHead(reply, status, all)
  if (body !== undefined) tapPiece(reply, body)
  writeHead(reply.raw, head?.status ?? status, head?.headers ?? all)
}

/** Shows a piece to the taps. Returns false after breaking off the response because one of them has thrown. */
function pass(reply: FastifyReply, bytes: Buffer): boolean {
  try {
    tapPiece(reply, bytes)
    return true
  } catch (error) {
    reportFault(error)
    endTaps(reply, false)
    breakOff(reply)
    return false
  }
}

function endWith(reply: FastifyReply, body: Buffer, text?: string): void {
  reply.bodySize += body.length
  if (text !== undefined) reply.raw.end(text, 'latin1')
  else if (body.length > MAX_TEXT) reply.raw.end(body)
  else reply.raw.end(body.toString('latin1'), 'latin1')
}

function flushHead(reply: FastifyReply): void {
  try {
    // Not `flushHeaders()`, with which Node writes the head as UTF-8.
    if (!reply.raw.writableEnded) reply.raw.write(NOTHING)
  } catch {
    breakOff(reply)
  }
}

/** The response of `inject()` takes no list of pairs. */
function byName(trailers: readonly string[]): Record<string, string[]> {
  // security: no prototype, because a field's name may be `__proto__`.
  const fields: Record<string, string[]> = Object.create(null)
  for (let at = 0; at < trailers.length; at += 2) {
    ;(fields[trailers[at] ?? ''] ??= []).push(trailers[at + 1] ?? '')
  }
  return fields
}
