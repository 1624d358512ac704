import createError from '@fastify/error'

// Refusals, not faults: they are expected, so they carry no stack.

/** The request names no host, several, or one that cannot exist. */
export const BadHost = createError('RELIW_LIMITS_BAD_HOST', 'Bad host', 400, Error, false)

/** The request target is not a path, or one that could be read in two ways. */
export const BadPath = createError('RELIW_LIMITS_BAD_PATH', 'Bad path', 400, Error, false)

/** Nobody can tell where the request's body ends. */
export const BadFraming = createError('RELIW_LIMITS_BAD_FRAMING', 'Bad request', 400, Error, false)

/** The request target is longer than `max_uri_length`. */
export const UriTooLong = createError(
  'RELIW_LIMITS_URI_TOO_LONG',
  'URI too long',
  414,
  Error,
  false
)

/** The method is CONNECT, which no resource of this server has (RFC 9110 9.3.6). */
export const NotImplemented = createError(
  'RELIW_LIMITS_NOT_IMPLEMENTED',
  'Not implemented',
  501,
  Error,
  false
)

/** The client is banned. */
export const Banned = createError('RELIW_LIMITS_BANNED', 'Forbidden', 403, Error, false)

/** A budget has run out; `Retry-After` says when there is something in it again. */
export const RateLimited = createError(
  'RELIW_LIMITS_RATE_LIMITED',
  'Too many requests',
  429,
  Error,
  false
)

/** The body is longer than what is let in. */
export const BodyTooLarge = createError(
  'RELIW_LIMITS_BODY_TOO_LARGE',
  'Payload too large',
  413,
  Error,
  false
)

/** The process is near its own limits. */
export const Overloaded = createError(
  'RELIW_LIMITS_OVERLOADED',
  'Service unavailable',
  503,
  Error,
  false
)

/** There are as many requests as there may be, of all hosts or of this one. */
export const TooManyRequests = createError(
  'RELIW_LIMITS_TOO_MANY_REQUESTS',
  'Service unavailable',
  503,
  Error,
  false
)
