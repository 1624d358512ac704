import type { Server } from 'node:http'
import { type FastifyHttpOptions, LogController } from 'fastify'
import type { Settings } from './config.ts'

/** How often node looks for connections past their time, in milliseconds. */
const CHECK_INTERVAL = 1000
/** Smallest room for a request's head; a request line of the greatest length has to fit with its headers. */
const MIN_HEAD = 16 * 1024

/** What Fastify and node:http are told of a config. */
export function serverOptions(settings: Settings): FastifyHttpOptions<Server> {
  return {
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    return503OnClosing: false,
    // It bounds the end, too, which has `drain_timeout`.
    pluginTimeout: 0,
    bodyLimit: settings.max_body_size,
    keepAliveTimeout: settings.keepalive_idle_timeout,
    maxRequestsPerSocket: settings.requests_per_fork,
    requestTimeout: wholeTime(settings),
    http: {
      headersTimeout: settings.request_header_timeout,
      connectionsCheckingInterval: CHECK_INTERVAL,
      maxHeaderSize: Math.max(MIN_HEAD, 2 * settings.request_line_limit)
    }
  }
}

/** Node wants it to be no shorter than the time for the head; 0: for ever. */
function wholeTime({ request_timeout: whole, request_header_timeout: head }: Settings): number {
  return whole === 0 ? 0 : Math.max(whole, head)
}
