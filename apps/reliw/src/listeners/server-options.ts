import type { ServerOptions } from 'node:http'
import type { Settings } from '../config.ts'

/** Interval between Node's checks for timeouts of connections, in milliseconds. */
const CHECK_INTERVAL = 1000
/** Idle timeout when the config has 0, in milliseconds: without one Node would keep connections for ever. */
const LONGEST_IDLE = 72_000
/** Minimum `maxHeaderSize`, in bytes: a request line of the greatest length has to fit with its headers. */
const MIN_HEAD = 16 * 1024

/** Longest time for a PROXY header, in milliseconds: a lost packet is sent again within 3 seconds. */
const PROXY_HEADER = 5000

/** How long the PROXY header of a connection may take to arrive, in milliseconds. */
export function proxyHeaderTime({ request_header_timeout: head }: Settings): number {
  return Math.min(head || PROXY_HEADER, PROXY_HEADER)
}

/** The options of `node:http` for a config. */
export function serverOptions(settings: Settings): ServerOptions {
  return {
    keepAliveTimeout: settings.keepalive_idle_timeout || LONGEST_IDLE,
    requestTimeout: wholeTime(settings),
    headersTimeout: settings.request_header_timeout,
    connectionsCheckingInterval: CHECK_INTERVAL,
    maxHeaderSize: Math.max(MIN_HEAD, 2 * settings.request_line_limit)
  }
}

/** `requestTimeout` in milliseconds, which must not be shorter than Node's `headersTimeout`; 0: no limit. */
function wholeTime({ request_timeout: whole, request_header_timeout: head }: Settings): number {
  return whole === 0 ? 0 : Math.max(whole, head)
}
