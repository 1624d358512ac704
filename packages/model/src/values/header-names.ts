import * as z from 'zod'

/** Longest value of a header, in characters: servers and browsers accept 8 KiB for all headers together. */
const LONGEST_VALUE = 8192

/** Headers of responses that only the server sets. */
const OF_SERVER =
  /^(connection|content-encoding|content-length|content-range|date|etag|keep-alive|last-modified|te|trailer|transfer-encoding|upgrade|vary|x-request-id)$/i

/**
 * Headers of requests to origins that only the server sets. security: the client's address, its identity and the
 * requested target are asserted by them; CGI and WSGI origins read underscores as dashes.
 */
const OF_PROXY =
  /^(connection|content-encoding|content-length|expect|forwarded|host|http2-settings|keep-alive|proxy|proxy-authorization|proxy-connection|remote-(email|groups|name|user)|sec-websocket-.*|te|traceparent|tracestate|trailer|transfer-encoding|upgrade|via|x-forwarded|x-forwarded-.*|x-real-ip|x-request-id)$/

/** Headers of a connection or of an upgrade, and the target of a redirect. */
const OF_CONNECTION = /^(http2-settings|location|proxy-connection|sec-websocket-.*)$/

export const HeaderToken = z
  .string()
  .max(128, 'a header name has at most 128 characters')
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, 'not a header name')

/** A header of responses with content. */
export const HeaderName = HeaderToken.refine(
  (name) => !OF_SERVER.test(name),
  'the server sets this header itself'
)

/** A header of any response. */
export const ResponseHeaderName = HeaderName.refine(
  (name) => !OF_CONNECTION.test(name.toLowerCase()),
  'the server sets this header itself'
)

/** A header of requests to origins. */
export const RequestHeaderName = HeaderToken.refine(
  (name) => !OF_PROXY.test(name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-')),
  'the server sets this header itself'
)

export const HeaderValue = z
  .string()
  .max(LONGEST_VALUE, 'a header value has at most 8192 characters')
  .regex(/^[\t\x20-\x7E\x80-\xFF]*$/, 'not a header value')
