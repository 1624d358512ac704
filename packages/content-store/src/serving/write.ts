import type { FastifyReply } from 'fastify'
import type { HeadersOf } from '../options.ts'

/** How a finished answer leaves: past Fastify's own send, or through it and the app's onSend hooks. */
export type Write = (
  reply: FastifyReply,
  status: number,
  headers: readonly string[],
  body: Buffer | undefined,
  text?: string
) => void

/**
 * Writes to the socket at once. What `reply.header()` set before is sent along; onSend hooks are not run.
 *
 * @param headers name, value, name, value, …
 * @param text the body as one character per byte, when there is such a form of it
 */
export function writeRaw(
  reply: FastifyReply,
  status: number,
  headers: readonly string[],
  body: Buffer | undefined,
  text?: string
): void {
  finish(reply, status, joinHeaders(reply, headers), body, text)
}

/**
 * Writes content to the socket with the headers that a function gives, not looking for others: that search
 * costs more than the choice of the answer. All else, refusals above all, is written as `writeRaw` does.
 */
export function createRawWrite(extra: HeadersOf): Write {
  return (reply, status, headers, body, text) => {
    if (status !== 200) return writeRaw(reply, status, headers, body, text)
    finish(reply, status, headers.concat(extra(reply.request, reply)), body, text)
  }
}

function finish(
  reply: FastifyReply,
  status: number,
  headers: string[],
  body: Buffer | undefined,
  text: string | undefined
): void {
  reply.hijack()
  reply.raw.writeHead(status, headers)
  if (text === undefined) reply.raw.end(body)
  else reply.raw.end(text, 'latin1')
}

/** Sends through Fastify, so that the app's onSend hooks see the answer. */
export function writeThrough(
  reply: FastifyReply,
  status: number,
  headers: readonly string[],
  body: Buffer | undefined
): void {
  reply.code(status)
  for (let at = 0; at < headers.length; at += 2) reply.header(headers[at] ?? '', headers[at + 1])
  reply.send(body)
}

/** The list with what the reply carries already, such as the request id, as node:http takes it. */
export function joinHeaders(reply: FastifyReply, headers: readonly string[]): string[] {
  const joined = headers.slice()
  const own = reply.getHeaders()
  for (const name in own) {
    const value = own[name]
    if (Array.isArray(value)) for (const one of value) joined.push(name, one)
    else if (value !== undefined) joined.push(name, String(value))
  }
  return joined
}
