import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyError, FastifyInstance } from 'fastify'

/** The request that is being routed with a substitute target, and its real target. Routing is synchronous. */
let misread: { raw: IncomingMessage; url: string } | undefined

/**
 * Routes a request whose target Fastify's router cannot decode, such as `/caf%E9` or `/%zz`, with the target `/`: one
 * route serves all paths. The target may be valid for an origin; if it is refused, bans and limits must see the
 * request. In the first hook, {@link restoreTarget} sets the real target again.
 *
 * @returns false for other errors
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

/** Sets the real target of a request that {@link routeAnyway} is routing. For the first hook. */
export function restoreTarget(raw: IncomingMessage): void {
  if (misread?.raw === raw) raw.url = misread.url
}
