import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyError, FastifyInstance } from 'fastify'

/** The request that is being routed by another target than its own, and that one. Routing is synchronous. */
let misread: { raw: IncomingMessage; url: string } | undefined

/**
 * Routes a request whose target Fastify's router cannot decode, such as `/caf%E9` or `/%zz`: there is one route for all
 * paths. An origin may understand it; what is refused is refused where bans and limits see it. Where the request
 * begins, {@link restoreTarget} gives it its target back.
 *
 * @returns false where the error is another one
 */
export function routeAnyway(
  app: FastifyInstance,
  { code }: FastifyError,
  raw: IncomingMessage,
  response: ServerResponse
): boolean {
  const { url = '' } = raw
  if (code !== 'FST_ERR_BAD_URL') return false
  misread = { raw, url }
  raw.url = '/'
  try {
    app.routing(raw, response)
  } finally {
    misread = undefined
    raw.url = url
  }
  return true
}

/** Undoes what {@link routeAnyway} did to a request. For the first hook. */
export function restoreTarget(raw: IncomingMessage): void {
  if (misread?.raw === raw) raw.url = misread.url
}
