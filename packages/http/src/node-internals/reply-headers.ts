import type { FastifyReply } from 'fastify'

/** Header values by lower-case name. */
export type HeaderValues = Record<string, number | string | string[] | undefined>

/** Fastify's symbol for these headers; undefined until found on the first reply. */
let key: symbol | undefined

/**
 * The headers set by `reply.header()`, for any protocol. Must not be modified.
 *
 * `fastify.reply.headers`: `reply.getHeaders()` creates a copy for each response, and includes the headers of the raw
 * response, which Node adds itself.
 */
export function replyHeaders(reply: FastifyReply): HeaderValues {
  key ??= Object.getOwnPropertySymbols(reply).find(
    ({ description }) => description === 'fastify.reply.headers'
  )
  const headers = key && (reply as unknown as Record<symbol, HeaderValues | undefined>)[key]
  return headers ?? reply.getHeaders()
}
