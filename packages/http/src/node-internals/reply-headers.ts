import type { FastifyReply } from 'fastify'

/** Values of header fields, by lower-case names. */
export type HeaderValues = Record<string, number | string | string[] | undefined>

/** Undefined until a reply was seen. */
let key: symbol | undefined

/**
 * What `reply.header()` has set, of any protocol. Not to be changed.
 *
 * `fastify.reply.headers`: `reply.getHeaders()` makes copies, at each response, and has the headers of the raw response, which
 * Node adds itself.
 */
export function replyHeaders(reply: FastifyReply): HeaderValues {
  key ??= Object.getOwnPropertySymbols(reply).find(
    ({ description }) => description === 'fastify.reply.headers'
  )
  const kept = key && (reply as unknown as Record<symbol, HeaderValues | undefined>)[key]
  return kept ?? reply.getHeaders()
}
