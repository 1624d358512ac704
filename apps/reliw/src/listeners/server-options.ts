import type { ServerOptions } from 'node:http'
import type { Settings } from '../config.ts'

/** How often node looks for connections past their time, in milliseconds. */
const CHECK_INTERVAL = 1000
/** How long a connection may be idle when the config says 0, in milliseconds: node would keep it for ever. */
const LONGEST_IDLE = 72_000
/** Smallest room for a request's head; a request line of the greatest length has to fit with its headers. */
const MIN_HEAD = 16 * 1024

/** The options of `node:http` that follow from a config. */
export function serverOptions(settings: Settings): ServerOptions {
  return {
    keepAliveTimeout: settings.keepalive_idle_timeout || LONGEST_IDLE,
    requestTimeout: wholeTime(settings),
    headersTimeout: settings.request_header_timeout,
    connectionsCheckingInterval: CHECK_INTERVAL,
    maxHeaderSize: Math.max(MIN_HEAD, 2 * settings.request_line_limit)
  }
}

/** Node wants it to be no shorter than the time for the head; 0: for ever. */
function wholeTime({ request_timeout: whole, request_header_timeout: head }: Settings): number {
  return whole === 0 ? 0 : Math.max(whole, head)
}
